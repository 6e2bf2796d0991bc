import type { Task, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import { stepsCommit } from "../hydrate/hydrate-plan.ts";
import { pullRequestHolder, type LeaseEndReason } from "../leases/lease.ts";
import type { Attempt, Box, Lease, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Execution } from "./execute.ts";

export type AfterDeps = {
  readonly store: Pick<Store, "attempts" | "boxes" | "leases">;
  readonly clock: Clock;
  readonly release: (leaseId: Lease["id"], reason: LeaseEndReason) => Promise<unknown>;
  readonly sweep: (attempt: Attempt) => void;
};

export type AfterInput = {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly lease: Lease;
  readonly box: Box;
  readonly task: Pick<Task, "hydrate" | "job">;
};

/**
 * Closes an attempt and decides what its box may still do: kept warm for the pull request, or ended. What makes a box unfit is
 * written before the lease is idle again, so that no other run takes it in between.
 */
export async function afterAttempt(deps: AfterDeps, input: AfterInput, execution: Execution): Promise<void> {
  const { attempt, box, lease, run } = input;
  const unfit = unfitness(execution);
  if (unfit !== null) await deps.store.boxes.note(box.id, { unfit });
  else if (input.task.hydrate !== undefined && hydrated(execution)) {
    const { fingerprint } = input.task.hydrate;
    await deps.store.boxes.note(box.id, {
      hydrated: { fingerprint, at: deps.clock.now(), sha: stepsCommit(run).sha },
    });
  }
  const exit = execution.kind === "exit" ? execution.exit : null;
  const executed = execution.kind === "exit" ? execution.exit.executed : execution.sent;
  await deps.store.attempts.end(attempt.id, { exit, executed });
  await leaveBox(deps, { run, attempt: { ...attempt, exit }, lease, unfit });
}

/**
 * What is left to do with the box of an attempt that has ended: kept warm for the pull request, or given back. Safe to repeat, so that
 * a crash between the end of an attempt and this is made good; a lease that serves somebody else by now, or that ends, is left alone.
 */
export async function leaveBox(
  deps: AfterDeps,
  input: {
    readonly run: Run;
    readonly attempt: Attempt;
    readonly lease: Lease;
    readonly unfit: string | null;
  },
): Promise<void> {
  const { run, attempt, unfit } = input;
  const lease = await deps.store.leases.get(input.lease.id);
  if (lease === null || lease.state !== "active" || lease.busyAttempt !== null) return;
  if (unfit !== null) {
    await deps.release(lease.id, attempt.exit === null ? "box_lost" : "box_unfit");
    return;
  }
  if (lease.idleMs === 0 || run.pullRequest === null) {
    await deps.release(lease.id, "released");
    return;
  }
  await deps.store.leases.setHolder(lease.id, pullRequestHolder(run.repositoryId, run.pullRequest));
  deps.sweep(attempt);
}

/** Why a box may not serve again, or null. */
export function unfitness(execution: Execution): string | null {
  if (execution.kind === "lost") return execution.message;
  const { exit } = execution;
  if (exit.survivors.length > 0) return `Processes survived: ${exit.survivors.join(", ")}`;
  if (exit.why === "boxd_died" || exit.why === "box_rebooted" || exit.why === "never_started")
    return `The task was lost (${exit.why}).`;
  if (exit.syncReason === "not_clean" || exit.syncReason === "head_mismatch")
    return "The work tree could not be cleaned.";
  if (exit.diskFull === true) return "The disk was full.";
  if (exit.rung === "best-effort" && exit.executed) return "Containment was best effort.";
  return null;
}

function hydrated(execution: Execution): boolean {
  const exit: TaskExit | null = execution.kind === "exit" ? execution.exit : null;
  return exit !== null && exit.executed;
}
