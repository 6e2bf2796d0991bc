import type { CheckRun, Comment, Pull, Repository } from "../model.ts";
import { accountById } from "../shapes/account.ts";
import { liveReactions } from "../shapes/comment.ts";
import { fullName } from "../shapes/repository.ts";
import type { World } from "../world.ts";

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;overflow-wrap:anywhere}
article{border:1px solid #8886;border-radius:6px;margin:1rem 0}article>header{padding:.4rem .8rem;background:#8882}
pre{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;padding:.8rem}.muted{opacity:.7}`;

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

/** All repositories. */
export function homePage(world: World): string {
  const rows = [...world.tables.repositories.all()].map((row) => {
    const name = escape(fullName(world, row));
    return `<li><a href="/${name}">${name}</a></li>`;
  });
  return page("Offline GitHub", `<ul>${rows.join("")}</ul>`);
}

/** The pull requests of a repository. */
export function repositoryPage(world: World, repository: Repository): string {
  const name = escape(fullName(world, repository));
  const rows = world.tables.pullsByRepository(repository.id).map((pull) => {
    return `<li><a href="/${name}/pull/${pull.number}">#${pull.number} ${escape(pull.title)}</a> ${pull.state}</li>`;
  });
  return page(name, `<h2>Pull requests</h2><ul>${rows.join("")}</ul>`);
}

/** Conversation and checks of a pull request. */
export function pullPage(world: World, repository: Repository, pull: Pull): string {
  const comments = world.tables
    .commentsByPull(`${repository.id}/${pull.number}`)
    .filter((comment) => comment.deletedAt === null);
  const runs = world.tables.runsBySha(`${repository.id}/${pull.headSha}`).map((run) => {
    const link = `/${escape(fullName(world, repository))}/runs/${run.id}`;
    const state = run.conclusion ?? run.status;
    return `<li><a href="${link}">${escape(run.name)}</a> <b>${escape(state)}</b> ${escape(run.output.title ?? "")}</li>`;
  });
  const facts = `${pull.state}, ${escape(pull.headRef)} into ${escape(pull.baseRef)}, head ${pull.headSha}`;
  const body = `<p class="muted">${facts}</p><h2>Checks</h2><ul>${runs.join("")}</ul>
    <h2>Conversation</h2>${comments.map((comment) => commentHtml(world, comment)).join("")}`;
  return page(`#${pull.number} ${pull.title}`, body);
}

/** One check run: title, summary, text. */
export function runPage(world: World, repository: Repository, run: CheckRun): string {
  const details = run.detailsUrl === null ? "" : `<p><a href="${escape(run.detailsUrl)}">Details</a></p>`;
  const { title, summary, text } = run.output;
  const part = (value: string | null): string =>
    value === null ? "" : `<article><pre>${escape(value)}</pre></article>`;
  const facts = `${fullName(world, repository)} at ${run.headSha}, ${run.conclusion ?? run.status}`;
  const body = `<p class="muted">${escape(facts)}</p><h2>${escape(title ?? "")}</h2>${details}`;
  return page(run.name, body + part(summary) + part(text));
}

function commentHtml(world: World, comment: Comment): string {
  const author = escape(accountById(world, comment.authorId).login);
  const edited = comment.edits === 0 ? "" : `, edited ${comment.edits} times`;
  const faces = liveReactions(world, comment).map((row) => FACES[row.content] ?? row.content);
  const head = `<header><b>${author}</b> <span class="muted">${comment.createdAt}${edited}</span> ${faces.join(" ")}</header>`;
  return `<article id="issuecomment-${comment.id}">${head}<pre>${escape(comment.body)}</pre></article>`;
}

function page(title: string, body: string): string {
  const name = escape(title);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>${name}</title><style>${STYLE}</style><h1>${name}</h1>${body}</html>`;
}

function escape(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replaceAll(/[&<>"']/g, (char) => entities[char] ?? char);
}
