import type { Pull, Repository } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { fullName } from "../shapes/repository.ts";
import { checkMark, counted, moment, statePill } from "./bits.ts";
import { face } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { page } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { checksOf, mayRead } from "./sight.ts";

/** A playground has a handful; a load test has thousands, which nobody reads here. */
const REPOSITORIES_SHOWN = 100;
const PULLS_SHOWN = 50;

/** The first page: pull requests and repositories that one may see. */
export const homeRoutes: readonly PageRoute[] = [page("GET", "/", homePage)];

/** Pull requests as rows, newest first. */
export function pullList(call: PageCall, pulls: readonly Pull[], withRepository: boolean): Html {
  const newest = [...pulls]
    .sort((a, b) => Date.parse(b.updatedAt) - Date.parse(a.updatedAt))
    .slice(0, PULLS_SHOWN);
  if (newest.length === 0) return html`<p class="empty">No pull requests yet.</p>`;
  return html`<ul class="rows">
    ${newest.map((pull) => pullRow(call, pull, withRepository))}
  </ul>`;
}

function homePage(call: PageCall): PageReply {
  const all = [...call.world.tables.repositories.all()].filter((row) => mayRead(row, call.viewer));
  const shown = all.slice(0, REPOSITORIES_SHOWN);
  const pulls = shown.flatMap((row) => call.world.tables.pullsByRepository(row.id));
  const body = html`<h1>${call.viewer === null ? "Welcome" : `Hello, ${call.viewer.login}`}</h1>
    ${call.viewer === null && html`<p class="lead">Sign in as one of the people here to see and do what they may. There are no passwords.</p>`}
    <section class="card" aria-labelledby="pulls">
      <h2 id="pulls">Pull requests</h2>
      <div id="pull-list" data-live>${pullList(call, pulls, true)}</div>
    </section>
    <section class="card" aria-labelledby="repositories">
      <h2 id="repositories">Repositories</h2>
      ${shown.length === 0 && html`<p class="empty">None that you may see.</p>`}
      <ul class="rows">
        ${shown.map((row) => repositoryRow(call, row))}
      </ul>
      ${all.length > shown.length && html`<p class="empty">${all.length - shown.length} more are not shown.</p>`}
    </section>`;
  return { kind: "page", title: "Home", body };
}

function pullRow(call: PageCall, pull: Pull, withRepository: boolean): Html {
  const { world } = call;
  const repository = world.tables.repositories.get(pull.repositoryId);
  if (repository === undefined) return html``;
  const name = fullName(world, repository);
  const author = accountById(world, pull.authorId);
  const checks = checksOf(world, repository, pull);
  return html`<li id="pull-${pull.id}">
    <div class="grow">
      <a class="title" href="/${name}/pull/${pull.number}">${pull.title}</a>
      <div class="muted small">
        ${withRepository && html`${name} `}#${pull.number}, by ${face(author, 16)} ${author.login},
        ${moment(pull.updatedAt)}
      </div>
    </div>
    <span class="checks"
      >${checks.map((run) => html`<span title="${run.name}">${checkMark(run)}<span class="sr">${run.name}</span></span>`)}</span
    >
    ${statePill(pull)}
  </li>`;
}

function repositoryRow(call: PageCall, repository: Repository): Html {
  const { world } = call;
  const name = fullName(world, repository);
  const parent = world.tables.repositories.get(repository.forkOfId ?? 0);
  const open = world.tables.pullsByRepository(repository.id).filter((pull) => pull.state === "open").length;
  const words = [
    repository.private ? "private" : "public",
    ...(repository.archived === true ? ["archived"] : []),
  ];
  return html`<li>
    ${face(accountById(world, repository.ownerId), 24)}
    <div class="grow">
      <a class="title" href="/${name}">${name}</a>
      <div class="muted small">
        ${words.join(", ")}${parent !== undefined && `, fork of ${fullName(world, parent)}`},
        ${counted(open, "open pull request")}
      </div>
    </div>
  </li>`;
}
