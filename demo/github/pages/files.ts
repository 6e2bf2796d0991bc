import { diffFiles, mergeBase } from "../git/diff.ts";
import type { FileDiff } from "../git/diff.ts";
import type { Pull, Repository } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import { counted, moment } from "./bits.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { pullHead } from "./pull-head.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { gone, pullRoute, repositoryRoute } from "./sight.ts";

const FILES_SHOWN = 100;
const LINES_SHOWN = 1_000;
const SHA = /^[0-9a-f]{40}$/;

/** What a pull request or a commit changes: what somebody reads before letting it run. */
export const fileRoutes: readonly PageRoute[] = [
  pullRoute(
    "GET",
    "/files",
    async (call: PageCall, repository: Repository, pull: Pull): Promise<PageReply> => {
      const dir = call.world.git.dir(repository);
      const files = await diffFiles(dir, await mergeBase(dir, pull.baseSha, pull.headSha), pull.headSha);
      const body = html`${pullHead(call, repository, pull, "files")} ${diffView(files)}`;
      return { kind: "page", title: `Files of ${pull.title} #${pull.number}`, body };
    },
  ),
  repositoryRoute(
    "GET",
    "/commit/{sha}",
    async (call: PageCall, repository: Repository): Promise<PageReply> => {
      const { world, params } = call;
      const sha = params["sha"] ?? "";
      if (!SHA.test(sha) || (await world.git.resolve(repository, sha)) === null) return gone();
      const dir = world.git.dir(repository);
      const commit = await world.git.objects.commit(dir, sha);
      const files = await diffFiles(dir, commit.parents[0] ?? null, sha);
      const [subject = "", ...rest] = commit.message.split("\n");
      const name = fullName(world, repository);
      const body = html`<p class="crumbs"><a href="/${name}">${name}</a></p>
        <h1>${subject}</h1>
        <p class="muted">${commit.author.name}, ${moment(commit.author.date)}</p>
        <pre class="card pad" tabindex="0" role="region" aria-label="Commit message">
${sha}${rest.join("\n").trimEnd()}</pre>
        ${diffView(files)}`;
      return { kind: "page", title: subject, body };
    },
  ),
];

function diffView(files: readonly FileDiff[]): Html {
  const shown = files.slice(0, FILES_SHOWN);
  return html`<p class="muted">${counted(files.length, "file")} changed.</p>
    ${shown.map(fileView)}
    ${files.length > shown.length && html`<p>${files.length - shown.length} more are not shown.</p>`}`;
}

function fileView(file: FileDiff): Html {
  const lines = (file.patch ?? "").split("\n");
  const moved = file.previousPath === null ? "" : `${file.previousPath} → `;
  const label = `Changes in ${file.path}`;
  return html`<section class="card diff" aria-label="${label}">
    <h2>
      <code>${moved}${file.path}</code>
      <span class="muted small">${file.status}, +${file.additions} −${file.deletions}</span>
    </h2>
    ${
      file.patch === null
        ? html`<p class="pad muted">Nothing to show as text.</p>`
        : html`<pre tabindex="0" aria-label="${label}">${lines.slice(0, LINES_SHOWN).map(lineView)}</pre>`
    }
    ${lines.length > LINES_SHOWN && html`<p class="pad muted">${lines.length - LINES_SHOWN} more lines are not shown.</p>`}
  </section>`;
}

function lineView(line: string): Html {
  const kinds: Record<string, string> = { "+": "plus", "-": "minus", "@": "hunk" };
  return html`<span class="${kinds[line[0] ?? ""] ?? "same"}">${line}</span>`;
}
