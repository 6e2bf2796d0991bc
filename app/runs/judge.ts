import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Attempt, CancelRequest, Run, RunDetail } from "../store/rows.ts";
import type { Execution } from "./execute.ts";
import { judgeJob } from "./judge-job.ts";
import type { Outcome } from "./outcome.ts";

/** Attempts a run may have: one more when the first provably never started its command (law 5). */
export const MAX_ATTEMPTS = 2;

const NEVER_BEGAN_HINT = "An operator should look at the boxes; then comment `/crabbox retry`.";

export type Verdict =
  | { readonly kind: "ended"; readonly outcome: Outcome; readonly detail: RunDetail }
  | { readonly kind: "again"; readonly why: string };

/** What an attempt's exit means for its run: an outcome, or one more attempt on another box. */
export function judge(exit: TaskExit, attemptNumber: number, cancel: CancelRequest | null): Verdict {
  if (exit.why === undefined) return byEnd(exit);
  switch (exit.why) {
    case "cancelled":
      return ended(
        cancel?.outcome ?? "cancelled",
        cancel?.reason ?? `Cancelled by ${exit.by ?? "an operator"}.`,
      );
    case "timed_out":
      return ended("timed_out", "The command was stopped at its time limit.");
    case "sync_failed":
      return ended(
        "sync_failed",
        exit.error ?? "git failed on the box.",
        SYNC_HINTS[exit.syncReason ?? "other"],
      );
    case "hydrate_failed":
      return ended(
        "hydrate_failed",
        `Step "${exit.step ?? "?"}"${exit.job === undefined ? "" : ` of the job "${exit.job}", which it needs`}: ${(exit.error ?? "it failed").replace(/\.$/u, "")}.`,
      );
    case "boxd_died":
    case "box_rebooted":
    case "never_started":
      return lost(exit, attemptNumber);
  }
}

/** What the end of an attempt's execution means for its run. */
export function verdictOf(
  execution: Execution,
  attempt: Pick<Attempt, "n">,
  run: Pick<Run, "cancel">,
): Verdict {
  if (execution.kind === "exit") return judge(execution.exit, attempt.n, run.cancel);
  // A stop takes the box away under the task: that is what was asked for, not a loss.
  if (run.cancel !== null)
    return { kind: "ended", outcome: run.cancel.outcome, detail: { message: run.cancel.reason } };
  return lostVerdict(execution.message, execution.sent, attempt.n);
}

function lostVerdict(message: string, sent: boolean, attemptNumber: number): Verdict {
  if (!sent && attemptNumber < MAX_ATTEMPTS) return { kind: "again", why: message };
  if (sent) return { kind: "ended", outcome: "box_lost", detail: { message } };
  return { kind: "ended", outcome: "box_lost", detail: { message, hint: NEVER_BEGAN_HINT } };
}

function lost(exit: TaskExit, attemptNumber: number): Verdict {
  const what =
    exit.why === "box_rebooted"
      ? "The box restarted"
      : exit.why === "boxd_died"
        ? "boxd ended unexpectedly (not the command)"
        : "The task never started";
  if (!exit.executed && attemptNumber < MAX_ATTEMPTS)
    return { kind: "again", why: `${what} before the command began.` };
  if (!exit.executed) {
    return {
      kind: "ended",
      outcome: "box_lost",
      detail: {
        message: `${what} before the command began, twice.`,
        hint: NEVER_BEGAN_HINT,
      },
    };
  }
  return {
    kind: "ended",
    outcome: "box_lost",
    detail: { message: `${what} while the command ran; it is not repeated by itself.` },
  };
}

/** By the command's own exit, or by the job's conclusion where a job ran in its stead. */
function byEnd(exit: TaskExit): Verdict {
  const job = judgeJob(exit);
  const isBox = (exit.oomKills ?? 0) > 0 || exit.diskFull === true;
  return job === null || (job.outcome === "failed" && isBox) ? byCommand(exit) : { kind: "ended", ...job };
}

function byCommand(exit: TaskExit): Verdict {
  const failed = exit.error !== undefined || exit.signal !== undefined || exit.code !== 0;
  if (!failed) return ended("succeeded", "The command exited with 0.");
  if ((exit.oomKills ?? 0) > 0) {
    return ended(
      "failed",
      "The box ran out of memory while the command ran.",
      "Try a larger class: `--class large`.",
    );
  }
  if (exit.diskFull === true) {
    return ended("failed", "The box's disk was full.", "Try a larger class, or make the command write less.");
  }
  if (exit.error !== undefined) return ended("failed", `The command could not be started: ${exit.error}.`);
  if (exit.signal !== undefined) return ended("failed", `The command was killed by ${exit.signal}.`);
  if (exit.code === 127) {
    return ended(
      "failed",
      "The command exited with 127: a program was not found on the box.",
      "A set-up step in the `hydrate` job installs tools.",
    );
  }
  return ended("failed", `The command exited with ${exit.code ?? "an unknown code"}.`);
}

function ended(outcome: Outcome, message: string, hint?: string): Verdict {
  return { kind: "ended", outcome, detail: hint === undefined ? { message } : { message, hint } };
}

const SYNC_HINTS = {
  token_refused:
    "Check that the App may read this repository's contents (its installation's repositories and permissions).",
  commit_missing:
    "The commit was removed, by a force-push or with its branch. Run the command again for the new head.",
  network:
    "The box could not reach GitHub; comment `/crabbox retry`, or ask an operator to look at its network.",
  no_git: "Install git on the host.",
  disk_full: "The box's disk is full: ask an operator, or use a larger class.",
  not_clean: "Paths could not be cleaned, so the box is retired; comment `/crabbox retry` for another one.",
  head_mismatch: "The box did not prove the commit; comment `/crabbox retry`.",
  submodule:
    "A submodule could not be fetched: the App's token reads this repository only, so private ones must be public or vendored.",
  lfs: "Install git-lfs on the host, or check that the objects were pushed.",
  other: "The log has git's own words.",
} as const;
