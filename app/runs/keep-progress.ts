import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { Attempt } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { RunHub } from "./log-hub.ts";
import { advance, startProgress } from "./progress.ts";

export type KeepProgressDeps = {
  readonly store: Pick<Store, "attempts">;
  readonly runHub: RunHub;
};

/** Folds one attempt's events and keeps what they say in its row, beside the stream: a slow store holds no log up. */
export type ProgressKeeper = {
  /** Told before the events of a batch: they are in the copy's bytes from `offset` on, where a later process folds again. */
  from(offset: number): void;
  event(event: TaskEvent, atMs: number): void;
  /** Resolves when the row has the newest; tries once more what failed, and throws as the store does. */
  kept(): Promise<void>;
};

/** Keeps what the journal of an attempt tells in its row, from where the row stands. */
export function keepProgress(deps: KeepProgressDeps, attempt: Attempt): ProgressKeeper {
  let progress = startProgress(attempt.phases, attempt.executed);
  let logBytes = attempt.logBytes;
  let saving: Promise<void> = Promise.resolve();
  let isQueued = false;

  async function save(): Promise<void> {
    isQueued = false;
    const { phases, executed } = progress;
    await deps.store.attempts.progress(attempt.id, { logBytes, phases, executed });
    deps.runHub.publish(attempt.runId);
  }

  return {
    from(offset) {
      logBytes = offset;
    },
    event(event, atMs) {
      const next = advance(progress, event, atMs);
      if (next === progress) return;
      progress = next;
      // Each save holds all there is: one that waits takes later events along, one that failed is made good by the next.
      if (isQueued) return;
      isQueued = true;
      saving = saving.then(save, save);
      saving.catch(() => undefined);
    },
    async kept() {
      await saving.catch(() => (saving = save()));
    },
  };
}
