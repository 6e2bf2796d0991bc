import { pushCommit } from "../acts/commit.ts";
import { pressAction, rerequestRun } from "../acts/checks.ts";
import { createComment } from "../acts/comments.ts";
import { mergePull } from "../acts/merge.ts";
import { setPullState } from "../acts/pulls.ts";
import { Failure } from "../http/failure.ts";
import type { Account, CheckRun, Pull, Repository } from "../model.ts";
import { fullName } from "../shapes/repository.ts";
import { wrongFile } from "./names.ts";
import { ownPath, redirect } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { forbidden, gone, mayWrite, pullRoute, repositoryRoute } from "./sight.ts";

const WRITERS_ONLY = "It takes write access to the repository: switch to somebody who has it.";
const FIRST = "Sign in first.";

/** What people do on a pull request. */
export const pullActRoutes: readonly PageRoute[] = [
  pullRoute("POST", "/comments", ({ world, viewer, form }, repository, pull) => {
    if (viewer === null) return forbidden(FIRST);
    // Browsers send line ends as CR LF; GitHub keeps the comment as it was typed.
    const body = (form.get("body") ?? "").replaceAll("\r\n", "\n");
    const { id } = createComment(world, pull, viewer, null, body);
    return redirect(`/${fullName(world, repository)}/pull/${pull.number}#issuecomment-${id}`);
  }),
  pullRoute("POST", "/push", async (call, repository, pull) => {
    const { world, viewer, form } = call;
    const head = world.tables.repositories.get(pull.headRepositoryId);
    if (head === undefined || pull.state === "closed" || viewer === null || !mayWrite(head, viewer))
      return forbidden(WRITERS_ONLY);
    const file = form.get("file") ?? "";
    const wrong = wrongFile(file);
    if (wrong !== null) throw new Failure(422, wrong);
    const text = (form.get("content") ?? "").replaceAll("\r\n", "\n");
    const files = { [file]: text.endsWith("\n") ? text : `${text}\n` };
    await pushCommit(world, head, viewer, { branch: pull.headRef, files, message: `Change ${file}\n` });
    return backTo(call, repository, pull);
  }),
  pullRoute("POST", "/merge", async (call, repository, pull) => {
    if (call.viewer === null || !mayWrite(repository, call.viewer)) return forbidden(WRITERS_ONLY);
    await mergePull(call.world, pull, call.viewer);
    return backTo(call, repository, pull);
  }),
  pullRoute("POST", "/close", (call, repository, pull) => turn(call, repository, pull, "closed")),
  pullRoute("POST", "/reopen", (call, repository, pull) => turn(call, repository, pull, "open")),
  repositoryRoute("POST", "/runs/{id}/rerequest", (call, repository) =>
    onRun(call, repository, (run, viewer) => {
      if (run.status !== "completed") throw new Failure(422, "This check run is not rerequestable");
      rerequestRun(call.world, run, viewer);
    }),
  ),
  repositoryRoute("POST", "/runs/{id}/actions", (call, repository) =>
    onRun(call, repository, (run, viewer) => {
      const identifier = call.form.get("identifier") ?? "";
      if (!run.actions.some((action) => action.identifier === identifier))
        throw new Failure(422, "The check run no longer has this button.");
      pressAction(call.world, run, viewer, identifier);
    }),
  ),
];

function turn(call: PageCall, repository: Repository, pull: Pull, state: Pull["state"]): PageReply {
  const { viewer } = call;
  const may = mayWrite(repository, viewer) || viewer?.id === pull.authorId;
  if (viewer === null || !may || pull.mergedAt !== undefined)
    return forbidden(
      "Only its author and people with write access close and reopen it, as long as it is not merged.",
    );
  setPullState(call.world, pull, state, viewer);
  return backTo(call, repository, pull);
}

function onRun(
  call: PageCall,
  repository: Repository,
  act: (run: CheckRun, viewer: Account) => void,
): PageReply {
  const { world, viewer, params, form } = call;
  const run = world.tables.runs.get(Number(params["id"]));
  if (run === undefined || run.repositoryId !== repository.id) return gone();
  if (viewer === null || !mayWrite(repository, viewer)) return forbidden(WRITERS_ONLY);
  act(run, viewer);
  return redirect(ownPath(form.get("return_to")));
}

function backTo({ world }: PageCall, repository: Repository, pull: Pull): PageReply {
  return redirect(`/${fullName(world, repository)}/pull/${pull.number}`);
}
