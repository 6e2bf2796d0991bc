import type { Provider } from "../../providers/provider.ts";
import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../clock.ts";
import type { ErrorCode } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Box } from "../store/rows.ts";

/** A provider that says nothing for so long cannot tell now whether a box is gone. */
const DESCRIBE_WITHIN_MS = 10_000;

/** Faults of the box that trying again cannot mend. */
export const UNUSABLE: ReadonlySet<ErrorCode> = new Set([
  "host_key_changed",
  "box_lied",
  "box_unusable",
  "box_full",
  "task_refused",
  "task_unknown",
]);
/** Those that come instead of a start: the first sending of a task has then started nothing. */
export const NOT_STARTED: ReadonlySet<ErrorCode> = new Set(["box_unusable", "box_full", "task_refused"]);
/** The App's own troubles, which pass: they say nothing about the box. */
export const OURS: ReadonlySet<ErrorCode> = new Set(["disk_full", "store_locked"]);

/** Whether the provider is sure that the box is no more; false when it cannot be asked now. */
export async function isGone(log: Log, provider: Provider, box: Box): Promise<boolean> {
  if (box.ref === null) return true;
  try {
    const seen = await provider.describe(box.ref, AbortSignal.timeout(DESCRIBE_WITHIN_MS));
    return seen === null || seen.state === "gone";
  } catch (error) {
    log.info({ err: error, box: box.ref }, "the provider could not be asked about a box");
    return false;
  }
}

/** The end of a task that was cancelled before it was sent. */
export function neverSent(clock: Pick<Clock, "now">): TaskExit {
  return { why: "cancelled", executed: false, survivors: [], rung: "best-effort", endedAt: clock.now() };
}
