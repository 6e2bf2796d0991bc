import { AppError } from "../errors.ts";
import { isListed } from "../listed.ts";
import type { Repository, Run } from "../store/rows.ts";
import { GROUP_PAUSE_MS, waitsFor } from "./group.ts";
import { finish, type PipelineDeps, type Signals } from "./pipeline-deps.ts";
import { stillApproved } from "./still-approved.ts";
import { takeBox } from "./take-box.ts";
import { useBox } from "./use-box.ts";

/**
 * Takes a claimed run from whatever state it is in to `done`, one stored change at a time; safe to start again at any point. Answers
 * early when the run was put back into the queue.
 */
export async function workRun(
  deps: PipelineDeps,
  claimed: Run,
  signals: Signals,
  onReporting: () => void,
): Promise<void> {
  const repository = await deps.store.repositories.get(claimed.repositoryId);
  if (repository === null)
    throw new AppError(
      "internal",
      `Run ${claimed.id} has no repository.`,
      "Restore the store from a backup.",
    );
  // An earlier process may have died before it could tell of the present state.
  deps.report.touch(claimed.id);
  let run = await stillApproved(deps, claimed, repository);
  while (run !== null && run.state !== "done") {
    signals.drain.throwIfAborted();
    if (run.state === "reporting") onReporting();
    run = await step(deps, run, repository, signals);
    if (run !== null) deps.report.touch(run.id);
  }
}

async function step(
  deps: PipelineDeps,
  run: Run,
  repository: Repository,
  signals: Signals,
): Promise<Run | null> {
  switch (run.state) {
    case "queued":
      return begin(deps, run, repository);
    case "leasing":
      return takeBox(deps, run, repository, signals);
    case "running":
      return useBox(deps, run, repository, signals);
    case "reporting":
      await deps.report.final(run.id, signals.drain);
      return deps.store.runs.change(run.id, "reporting", "done");
    case "held":
    case "done":
      return null;
  }
}

async function begin(deps: PipelineDeps, run: Run, repository: Repository): Promise<Run | null> {
  if (run.cancel !== null) return finish(deps, run, run.cancel.outcome, { message: run.cancel.reason });
  // The settings may have changed while it waited.
  if (!isListed(deps.settings.accounts, repository.owner)) {
    return finish(deps, run, "refused", {
      message: `This server does not work for ${repository.owner} any more.`,
      hint: "Ask the server's operator whether the account should be in its settings.",
    });
  }
  const waitedMs = deps.clock.now() - (run.queuedAt ?? run.createdAt);
  if (waitedMs > deps.settings.queueWaitMs) {
    return finish(deps, run, "no_capacity", {
      message: `No box became free in ${Math.round(waitedMs / 60_000)} minutes.`,
    });
  }
  if ((await waitsFor(deps, run)) !== null) {
    await deps.store.runs.unclaim(run.id, deps.clock.now() + GROUP_PAUSE_MS);
    return null;
  }
  const leasing = await deps.store.runs.change(run.id, "queued", "leasing");
  // A request to end came in between and gave it its outcome: who reports that must not wait for this claim to run out.
  if (leasing === null) await deps.store.runs.unclaim(run.id);
  return leasing;
}
