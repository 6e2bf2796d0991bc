import { isUntrusted } from "../leases/lease.ts";
import type { CommandDeps } from "./command.ts";

/**
 * Ends the runs of untrusted code that wait although their pull request now goes to another branch: an approval names the branch, and
 * set-up steps come from it. Running ones go on. Safe to repeat. Answers how many.
 */
export async function refuseRetargeted(
  deps: {
    readonly store: { readonly runs: Pick<CommandDeps["store"]["runs"], "unfinished"> };
    readonly cancelRun: CommandDeps["cancelRun"];
  },
  of: { readonly repositoryId: number; readonly pullRequest: number },
  now: { readonly baseRef: string; readonly by: string },
): Promise<number> {
  let refused = 0;
  for (const run of await deps.store.runs.unfinished(of)) {
    const isWaiting = run.state === "held" || run.state === "queued";
    if (!isWaiting || !isUntrusted(run.trustDomain) || run.baseRef === now.baseRef) continue;
    const asked = await deps.cancelRun(run, {
      outcome: "refused",
      by: now.by,
      reason: `The pull request now goes to "${now.baseRef}", it went to "${run.baseRef}". Comment the command again.`,
    });
    if (asked) refused++;
  }
  return refused;
}
