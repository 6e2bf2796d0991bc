import type { Pull, Repository } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { fullName } from "../shapes/repository.ts";
import { statePill } from "./bits.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { labelTags } from "./marks.ts";
import type { PageCall } from "./route.ts";
import { checksOf } from "./sight.ts";

const TABS = ["conversation", "checks", "files"] as const;
export type Tab = (typeof TABS)[number];

/** The top of a pull request's pages: what it is, from where to where, and its tabs. */
export function pullHead(call: PageCall, repository: Repository, pull: Pull, current: Tab): Html {
  const { world } = call;
  const base = `/${fullName(world, repository)}/pull/${pull.number}`;
  const words: Record<Tab, [path: string, text: string]> = {
    conversation: [base, "Conversation"],
    checks: [`${base}/checks`, `Checks ${checksOf(world, repository, pull).length}`],
    files: [`${base}/files`, `Files ${pull.stat.changedFiles}`],
  };
  return html`<p class="crumbs">
      <a href="/${fullName(world, repository)}">${fullName(world, repository)}</a>
    </p>
    <h1 class="pull">${pull.title} <span class="muted">#${pull.number}</span></h1>
    <div id="facts" data-live>
      <p id="fact">${statePill(pull)}${labelTags(pull)} ${sentence(call, repository, pull)}</p>
    </div>
    <nav class="tabs" aria-label="Pull request">
      ${TABS.map((tab) => {
        const [path, text] = words[tab];
        return tab === current
          ? html`<a href="${path}" aria-current="page">${text}</a>`
          : html`<a href="${path}">${text}</a>`;
      })}
    </nav>`;
}

/** The head branch as the base's people see it: with its owner when it is a fork's. */
export function headLabel(call: PageCall, repository: Repository, pull: Pull): string {
  if (pull.headRepositoryId === repository.id) return pull.headRef;
  const head = call.world.tables.repositories.get(pull.headRepositoryId);
  return `${head === undefined ? "unknown repository" : accountById(call.world, head.ownerId).login}:${pull.headRef}`;
}

function sentence(call: PageCall, repository: Repository, pull: Pull): Html {
  const author = accountById(call.world, pull.authorId).login;
  const merged = pull.mergedAt !== undefined;
  return html`<b>${author}</b> ${merged ? "merged" : "wants to merge"}
    <code class="branch">${headLabel(call, repository, pull)}</code> into
    <code class="branch">${pull.baseRef}</code>`;
}
