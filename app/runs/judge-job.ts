import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { shortLine } from "../clamp.ts";
import type { RunDetail } from "../store/rows.ts";
import type { Outcome } from "./outcome.ts";

/** Longest name and reason of a step that a sentence repeats. */
const NAME_BYTES = 200;
const REASON_BYTES = 1_000;

/** What the end of a whole job means for its run, by the job's conclusion; null for a task that ran none, or not to its end. */
export function judgeJob(exit: TaskExit): { readonly outcome: Outcome; readonly detail: RunDetail } | null {
  if (exit.conclusion === undefined) return null;
  switch (exit.conclusion) {
    case "success":
      return { outcome: "succeeded", detail: { message: "The job succeeded." } };
    case "skipped":
      return exit.job === undefined
        ? { outcome: "skipped", detail: { message: `The job is skipped: ${reasonOf(exit)}.` } }
        : { outcome: "failed", detail: { message: `${failed(exit)} So the job did not run.` } };
    case "cancelled":
      return {
        outcome: "failed",
        detail: {
          message: "The job was cancelled: it took longer than its own `timeout-minutes`.",
          hint: "Raise the job's `timeout-minutes`, or make it faster.",
        },
      };
    case "failure":
      return { outcome: "failed", detail: { message: failed(exit) } };
  }
}

function failed(exit: TaskExit): string {
  const job =
    exit.job === undefined
      ? "The job"
      : `The job \`${shortLine(exit.job, NAME_BYTES).replaceAll("`", "'")}\`, which it needs,`;
  if (exit.step === undefined) return `${job} failed: ${reasonOf(exit)}.`;
  return `${job} failed at the step "${shortLine(exit.step, NAME_BYTES)}": ${reasonOf(exit)}.`;
}

function reasonOf({ error }: TaskExit): string {
  return shortLine(error ?? "no reason was told", REASON_BYTES).replace(/\.$/u, "");
}
