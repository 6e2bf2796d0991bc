import type { Run } from "../store/rows.ts";
import type { CommandDeps } from "./command.ts";

/** A push to a pull request's branch, as the webhook tells it. */
export type Push = {
  /** The head before and after it. */
  readonly before: string;
  readonly after: string;
  /** By GitHub's clock, epoch ms. */
  readonly at: number;
};

/**
 * Does this push make a queued run obsolete? Deliveries come late and out of order: a run made after the push is for a newer head or an
 * older one somebody asked for on purpose, and stays.
 */
export function isSuperseded(run: Run, push: Push): boolean {
  if (run.state !== "queued" && run.state !== "held") return false;
  if (run.headSha === push.after) return false;
  // Clocks differ by some seconds: a run of the very head that was pushed over is older, whatever they say.
  return run.createdAt <= push.at || (run.headSha === push.before && run.retryOf === null);
}

/** Cancels the queued runs of older commits; running ones go on. Safe to repeat. Answers how many. */
export async function supersede(
  deps: {
    readonly store: { readonly runs: Pick<CommandDeps["store"]["runs"], "unfinished"> };
    readonly cancelRun: CommandDeps["cancelRun"];
  },
  of: { readonly repositoryId: number; readonly pullRequest: number },
  push: Push & { readonly by: string },
): Promise<number> {
  const runs = await deps.store.runs.unfinished(of);
  let cancelled = 0;
  for (const run of runs) {
    if (!isSuperseded(run, push)) continue;
    const asked = await deps.cancelRun(run, {
      outcome: "superseded",
      by: push.by,
      reason: `Commit ${push.after} was pushed before this run could start.`,
    });
    if (asked) cancelled++;
  }
  return cancelled;
}
