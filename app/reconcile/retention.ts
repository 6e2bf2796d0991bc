import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { LogStore } from "../store/logs.ts";
import type { CancelRequest, Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";

const ROUND_MS = 3_600_000;
/** A round's most; what is left goes in the next one. */
const MAX_RUNS = 1_000;
/** Redelivery reaches back three days (GitHub keeps deliveries so long): bodies stay at least until then. */
const MIN_DELIVERY_MS = 4 * 24 * 3_600_000;
/** GUIDs are known for so long beyond their bodies; GitHub repeats none after its three days. */
const GUID_MS = 60 * 24 * 3_600_000;
/** What is known of a run's check stays for so long beyond its log; nothing of ours posts one for a run that is done. */
const CHECK_MS = 90 * 24 * 3_600_000;

/** A pull request whose code nobody approved in so long waits for something else; the command can be commented again. */
const HELD_MS = 7 * 24 * 3_600_000;
const TOO_LONG_HELD = {
  outcome: "expired",
  by: "the App",
  reason: "Nobody approved this commit within a week.",
} as const;

export type RetentionDeps = {
  readonly store: Pick<Store, "runs" | "attempts" | "sweep">;
  readonly logs: Pick<LogStore, "remove">;
  readonly clock: Clock;
  readonly log: Log;
  readonly keepMs: number;
  /** Answers how many cache entries' contents went. */
  readonly sweepCaches: () => Promise<number>;
  /** Answers how many artifacts' contents went. */
  readonly sweepArtifacts: () => Promise<number>;
  readonly cancelRun: (run: Run, request: Omit<CancelRequest, "at">) => Promise<boolean>;
};

/**
 * At once and every hour: deletes logs, deliveries, events, answers, cache entries, artifacts and what is known of checks past their time, and ends runs that
 * were held too long. Runs and the ledger stay.
 */
export function startRetention(deps: RetentionDeps): { stop(): Promise<void> } {
  const stopped = new AbortController();

  async function round(): Promise<void> {
    const before = deps.clock.now() - deps.keepMs;
    for (const run of await deps.store.runs.endedBefore(before, MAX_RUNS)) {
      if (stopped.signal.aborted) return;
      for (const attempt of await deps.store.attempts.ofRun(run.id)) await deps.logs.remove(attempt.id);
      await deps.store.runs.logRemoved(run.id);
    }
    const held = await deps.store.runs.heldBefore(deps.clock.now() - HELD_MS, MAX_RUNS);
    for (const run of held) await deps.cancelRun(run, TOO_LONG_HELD);
    const deliveryBodies = Math.min(before, deps.clock.now() - MIN_DELIVERY_MS);
    const swept = await deps.store.sweep({
      deliveryBodies,
      deliveries: deliveryBodies - GUID_MS,
      events: before,
      answers: before,
      checks: before - CHECK_MS,
    });
    const caches = await deps.sweepCaches();
    const artifacts = await deps.sweepArtifacts();
    deps.log.info({ swept: { ...swept, caches, artifacts } }, "what was past its time was deleted");
  }

  async function loop(): Promise<void> {
    while (!stopped.signal.aborted) {
      await round().catch((error: unknown) => deps.log.error({ err: error }, "retention failed"));
      await deps.clock.sleep(ROUND_MS, stopped.signal).catch(() => undefined);
    }
  }

  const running = loop();
  return {
    async stop() {
      stopped.abort();
      await running;
    },
  };
}
