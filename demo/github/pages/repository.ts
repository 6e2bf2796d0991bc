import { pushCommit } from "../acts/commit.ts";
import { openPull } from "../acts/pulls.ts";
import { forkRepository } from "../acts/repositories.ts";
import { Failure } from "../http/failure.ts";
import type { Account, Repository } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import type { World } from "../world.ts";
import { pullList } from "./home.ts";
import { buttonForm, hidden } from "./layout.ts";
import { html } from "./markup.ts";
import type { Html } from "./markup.ts";
import { wrongBranch, wrongFile } from "./names.ts";
import { redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { forbidden, mayRead, mayWrite, repositoryRoute } from "./sight.ts";

const TITLE_LIMIT = 256;

/** A repository: its pull requests, forking it, and opening a pull request with one change. */
export const repositoryRoutes: readonly PageRoute[] = [
  repositoryRoute("GET", "", repositoryPage),
  repositoryRoute("POST", "/fork", async ({ world, viewer }, repository) => {
    if (viewer === null || repository.ownerId === viewer.id) return forbidden("Sign in as somebody else.");
    const known = forkOf(world, repository, viewer);
    const fork = known ?? (await forkRepository(world, repository, viewer.login));
    return redirect(`/${fullName(world, fork)}`);
  }),
  repositoryRoute("POST", "/propose", propose),
];

function repositoryPage(call: PageCall, repository: Repository): PageReply {
  const { world } = call;
  const name = fullName(world, repository);
  const parent = world.tables.repositories.get(repository.forkOfId ?? 0);
  const words = [
    repository.private ? "private" : "public",
    ...(repository.archived === true ? ["archived"] : []),
  ];
  const body = html`<h1>${name}</h1>
    <p class="muted">
      ${words.join(", ")}${
        parent !== undefined &&
        mayRead(parent, call.viewer) &&
        html`, fork of <a href="/${fullName(world, parent)}">${fullName(world, parent)}</a>`
      }
      ${repository.description !== null && html`<br />${repository.description}`}
    </p>
    <p>Clone: <code>git clone ${world.origin()}/${name}.git</code></p>
    ${forkButton(call, repository)}
    <section class="card" aria-labelledby="pulls">
      <h2 id="pulls">Pull requests</h2>
      <div id="pull-list" data-live>
        ${pullList(call, world.tables.pullsByRepository(repository.id), false)}
      </div>
    </section>
    ${proposeForm(call, repository, parent)}`;
  return { kind: "page", title: name, body };
}

function forkButton(call: PageCall, repository: Repository): Html {
  const { viewer, world } = call;
  if (viewer === null || repository.ownerId === viewer.id || mayWrite(repository, viewer)) return html``;
  const known = forkOf(world, repository, viewer);
  if (known !== undefined) {
    const name = fullName(world, known);
    return html`<p>Your fork: <a href="/${name}">${name}</a></p>`;
  }
  return html`<p>
    ${buttonForm(call, `/${fullName(world, repository)}/fork`, "Fork", { kind: "primary" })}
  </p>`;
}

/** One form for what takes several pages on github.com: a branch, a change on it, and a pull request. */
function proposeForm(call: PageCall, repository: Repository, parent: Repository | undefined): Html {
  if (!mayWrite(repository, call.viewer)) return html``;
  const name = fullName(call.world, repository);
  const into = fullName(call.world, parent ?? repository);
  return html`<section class="card pad" aria-labelledby="propose">
    <h2 id="propose">Open a pull request</h2>
    <form method="post" action="/${name}/propose">
      ${hidden("csrf", call.csrf)}
      <p class="muted">Writes one file on a new branch of ${name} and asks ${into} to merge it.</p>
      <label for="title">Title</label>
      <input id="title" name="title" value="Try a change" maxlength="${TITLE_LIMIT}" required />
      <label for="branch">Branch</label>
      <input
        id="branch"
        name="branch"
        value="change-${parent?.nextNumber ?? repository.nextNumber}"
        maxlength="200"
        required
      />
      <label for="file">File</label>
      <input id="file" name="file" value="NOTES.md" maxlength="200" required />
      <label for="content">Its text</label>
      <textarea id="content" name="content" rows="3" maxlength="100000">A note.</textarea>
      <button class="primary">Open pull request</button>
    </form>
  </section>`;
}

async function propose({ world, viewer, form }: PageCall, repository: Repository): Promise<PageReply> {
  if (viewer === null || !mayWrite(repository, viewer))
    return forbidden("It takes write access: fork the repository.");
  const base = world.tables.repositories.get(repository.forkOfId ?? 0) ?? repository;
  if (!mayRead(base, viewer)) return forbidden("You may not see what this was forked from.");
  const field = (name: string): string => form.get(name) ?? "";
  const [branch, file, title] = [field("branch"), field("file"), field("title").trim()];
  const wrong =
    wrongBranch(branch) ?? wrongFile(file) ?? (title === "" ? "A pull request needs a title." : null);
  if (wrong !== null) throw new Failure(422, wrong);
  if ((await world.git.resolve(repository, `refs/heads/${branch}`)) !== null)
    throw new Failure(422, `There is a branch ${branch} already.`);
  const text = field("content").replaceAll("\r\n", "\n");
  const files = { [file]: text.endsWith("\n") ? text : `${text}\n` };
  await pushCommit(world, repository, viewer, { branch, files, message: `${title}\n` });
  const pull = await openPull(world, base, repository, viewer, {
    title: title.slice(0, TITLE_LIMIT),
    head: branch,
  });
  return redirect(`/${fullName(world, base)}/pull/${pull.number}`);
}

function forkOf(world: World, repository: Repository, person: Account): Repository | undefined {
  return world.tables.repositoriesByOwner(person.id).find((row) => row.forkOfId === repository.id);
}
