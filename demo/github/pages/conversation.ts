import { commitsBetween } from "../git/history.ts";
import type { CommitLine } from "../git/history.ts";
import type { CheckRun, Comment, Pull, Repository } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { liveReactions } from "../shapes/comment.ts";
import { fullName } from "../shapes/repository.ts";
import { checkMark, counted, moment, shaLink, standOf } from "./bits.ts";
import { face, hidden } from "./layout.ts";
import { markdown } from "./markdown.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { pullHead } from "./pull-head.ts";
import { playBox } from "./play-box.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { checksOf, pullRoute } from "./sight.ts";

/** A load test writes thousands; the newest are what one looks for. */
const COMMENTS_SHOWN = 200;
const FACES: Record<string, string> = {
  "+1": "👍",
  "-1": "👎",
  laugh: "😄",
  confused: "😕",
  heart: "❤️",
  hooray: "🎉",
  rocket: "🚀",
  eyes: "👀",
};

/** The timeline of a pull request with a box to write a comment. */
export const conversationRoutes: readonly PageRoute[] = [pullRoute("GET", "", conversationPage)];

async function conversationPage(call: PageCall, repository: Repository, pull: Pull): Promise<PageReply> {
  const { world } = call;
  const comments = world.tables
    .commentsByPull(`${repository.id}/${pull.number}`)
    .filter((row) => row.deletedAt === null);
  const shown = comments.slice(-COMMENTS_SHOWN);
  const commits = await commitsBetween(world.git.dir(repository), pull.baseSha, pull.headSha);
  const items = [
    ...commits.map((commit) => ({ at: commit.at, html: commitItem(fullName(world, repository), commit) })),
    ...shown.map((comment) => ({ at: comment.createdAt, html: commentItem(call, comment) })),
  ].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const hiddenCount = comments.length - shown.length;
  const body = html`${pullHead(call, repository, pull, "conversation")}
    <div class="columns">
      <div class="main-column">
        ${said(call, "description", pull.authorId, pull.createdAt, pull.body ?? "*No description.*", html``)}
        ${hiddenCount > 0 && html`<p class="muted">${hiddenCount} older comments are not shown.</p>`}
        <h2 class="sr">Timeline</h2>
        <div id="timeline" data-live>${items.map((item) => item.html)}</div>
        ${checksCard(call, repository, pull)} ${commentBox(call, repository, pull)}
      </div>
      <aside aria-label="What to do here">${playBox(call, repository, pull)}</aside>
    </div>`;
  return { kind: "page", title: `${pull.title} #${pull.number}`, body };
}

function commentItem(call: PageCall, comment: Comment): Html {
  const edited =
    comment.edits > 0 && html` <span class="muted">edited ${counted(comment.edits, "time")}</span>`;
  const isApp = comment.appId !== null && html` <span class="tag">bot</span>`;
  const after = html`${isApp}${edited}`;
  const id = `issuecomment-${comment.id}`;
  return said(call, id, comment.authorId, comment.createdAt, comment.body, after, reactions(call, comment));
}

function said(
  call: PageCall,
  id: string,
  authorId: number,
  at: string,
  body: string,
  after: Html,
  foot: Html = html``,
): Html {
  const author = accountById(call.world, authorId);
  return html`<article class="card said" id="${id}" aria-label="${author.login}">
    <header>
      ${face(author)} <b>${author.login}</b>${after} <a class="muted" href="#${id}">${moment(at)}</a>
    </header>
    <div class="text">${markdown(body)}</div>
    ${foot}
  </article>`;
}

function reactions(call: PageCall, comment: Comment): Html {
  const rows = liveReactions(call.world, comment);
  if (rows.length === 0) return html``;
  const kinds = [...new Set(rows.map((row) => row.content))];
  return html`<footer class="faces">
    ${kinds.map((kind) => {
      const who = rows
        .filter((row) => row.content === kind)
        .map((row) => accountById(call.world, row.userId).login);
      return html`<span class="reaction" title="${kind} by ${who.join(", ")}"
        ><span aria-hidden="true">${FACES[kind] ?? kind}</span>
        <span class="sr">${kind}:</span> ${who.length}</span
      >`;
    })}
  </footer>`;
}

function commitItem(repositoryName: string, commit: CommitLine): Html {
  return html`<p class="event" id="commit-${commit.sha}">
    <span aria-hidden="true">●</span> ${shaLink(repositoryName, commit.sha)}
    <span class="grow">${commit.subject}</span>
    <span class="muted small">${commit.author}, ${moment(commit.at)}</span>
  </p>`;
}

function checksCard(call: PageCall, repository: Repository, pull: Pull): Html {
  const runs = checksOf(call.world, repository, pull);
  const base = `/${fullName(call.world, repository)}/pull/${pull.number}/checks`;
  return html`<section class="card" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks on ${shaLink(fullName(call.world, repository), pull.headSha)}</h2>
    <ul class="rows" id="checks" data-live>
      ${runs.length === 0 && html`<li id="no-checks" class="muted">None yet.</li>`}
      ${runs.map((run) => checkRow(base, run))}
    </ul>
  </section>`;
}

function checkRow(base: string, run: CheckRun): Html {
  return html`<li id="check-${run.id}">
    ${checkMark(run)}
    <div class="grow">
      <a class="title" href="${base}?check_run_id=${run.id}">${run.name}</a>
      <div class="muted small">${run.output.title ?? standOf(run).words}</div>
    </div>
    ${run.detailsUrl !== null && html`<a href="${run.detailsUrl}">Details<span class="sr"> of ${run.name}</span></a>`}
  </li>`;
}

function commentBox(call: PageCall, repository: Repository, pull: Pull): Html {
  const path = `/${fullName(call.world, repository)}/pull/${pull.number}`;
  if (call.viewer === null)
    return html`<p class="card pad">
      <a class="button primary" href="/login?return_to=${encodeURIComponent(path)}">Sign in</a> to write a
      comment.
    </p>`;
  return html`<form class="card pad" method="post" action="${path}/comments">
    ${hidden("csrf", call.csrf)}
    <label for="body">Comment as ${call.viewer.login}</label>
    <textarea
      id="body"
      name="body"
      rows="4"
      maxlength="65536"
      required
      placeholder="Markdown, or a command"
    ></textarea>
    <button class="primary">Comment</button>
  </form>`;
}
