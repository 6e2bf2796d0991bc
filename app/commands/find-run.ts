import type { RunId } from "../ids.ts";
import type { Run } from "../store/rows.ts";
import type { CommandContext, CommandDeps } from "./command.ts";
import { echo } from "./flags.ts";

export type FoundRun =
  | { readonly ok: true; readonly run: Run }
  | { readonly ok: false; readonly message: string };

const RUN_ID = /^run_[0-9a-f]{1,32}$/u;

/** The run of this pull request that a person named. One of another pull request does not exist here. */
export async function findRun(
  deps: { readonly store: { readonly runs: Pick<CommandDeps["store"]["runs"], "get"> } },
  context: Pick<CommandContext, "repository" | "pullRequest">,
  typed: string,
): Promise<FoundRun> {
  const run = isRunId(typed) ? await deps.store.runs.get(typed) : null;
  if (run?.repositoryId === context.repository.id && run.pullRequest === context.pullRequest.number) {
    return { ok: true, run };
  }
  return {
    ok: false,
    message: `This pull request has no run ${echo(typed)}. \`/crabbox status\` lists its runs.`,
  };
}

/** True for what looks like a run's id. */
export function isRunId(text: string): text is RunId {
  return RUN_ID.test(text);
}
