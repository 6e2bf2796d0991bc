import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";
import type { Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

/** How often a cancel is told again until the task ends. */
const CANCEL_AGAIN_MS = 2_000;

export type TellCancelDeps = {
  readonly store: Pick<Store, "runs">;
  readonly clock: Clock;
  readonly log: Log;
};

/** Tells boxd to end the task, and again until somebody calls the answer. */
export function tellCancel(
  deps: TellCancelDeps,
  link: Pick<BoxLink, "cancel">,
  taskId: string,
  run: Run,
  cancelled: AbortSignal,
): () => void {
  const stop = new AbortController();
  const tell = async () => {
    const request = (await deps.store.runs.get(run.id))?.cancel;
    while (!stop.signal.aborted) {
      await link.cancel(taskId, request?.by ?? "the App").catch((error: unknown) => {
        deps.log.info({ err: error, run: run.id }, "a cancel did not reach the box yet");
      });
      await deps.clock.sleep(CANCEL_AGAIN_MS, stop.signal);
    }
  };
  const begin = () => {
    tell().catch((error: unknown) => {
      // Nothing but the pause's own end reaches this in the normal case.
      if (!stop.signal.aborted) deps.log.error({ err: error, run: run.id }, "telling a cancel failed");
    });
  };
  if (cancelled.aborted) begin();
  else cancelled.addEventListener("abort", begin, { once: true, signal: stop.signal });
  return () => stop.abort();
}
