/** Steps in the background, and those that wait for them or cancel them (actions/runner BackgroundStepCoordinator.cs). */

import type { Outcome } from "../host.ts";
import { type Job, type Step, worse } from "./job.ts";
import type { Going } from "./run-step.ts";
import { say, warn } from "./say.ts";
import { flushDeferred } from "./set.ts";
import type { Work } from "./work.ts";

export type Background = {
  add(id: string, going: Going): void;
  /** Waits for a place; call what it gives when the step has ended. */
  slot(): Promise<() => void>;
  wait(step: Step, ids: readonly string[]): Promise<Work>;
  cancel(step: Step, ids: readonly string[]): Promise<Work>;
  /** Whether something runs that nothing has waited for. */
  hasOpen(): boolean;
  /** Reckons all their results into the job's, before the posts. */
  settle(): void;
};

/** Steps that run at once (DefaultMaxBackgroundSteps). */
const SLOTS = 10;

export function openBackground(job: Job): Background {
  const known = new Map<string, Going>();
  const waited = new Set<string>();
  const cancelled = new Set<string>();
  const queue: (() => void)[] = [];
  let free = SLOTS;

  const release = (): void => {
    const next = queue.shift();
    if (next === undefined) free += 1;
    else next();
  };

  /** Their results count from now on, and what they set is there. */
  const complete = (ids: readonly string[]): Outcome => {
    let result: Outcome = "success";
    for (const id of ids) {
      const going = known.get(id);
      if (going === undefined) continue;
      if (!waited.has(id)) flushDeferred(going.step);
      waited.add(id);
      result = worse(result, going.step.result ?? "success");
    }
    return result;
  };

  const all = async (ids: readonly string[]): Promise<void> => {
    await Promise.all(ids.flatMap((id) => known.get(id)?.done ?? []));
  };

  const open = (): string[] => [...known.keys()].filter((id) => !waited.has(id));

  const names = (ids: readonly string[]): string => ids.map((id) => known.get(id)?.name ?? id).join(", ");

  const report = (step: Step, ids: readonly string[]): void => {
    for (const id of ids) say(step, `  ${names([id])}: ${known.get(id)?.step.result ?? "was not started"}`);
  };

  return {
    add: (id, going) => void known.set(id, going),
    async slot() {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => void queue.push(resolve));
      return release;
    },
    async wait(step, ids) {
      const wanted = ids.length === 0 ? open() : ids;
      if (wanted.length === 0) {
        say(step, "No background steps remain to wait for.");
        return "success";
      }
      for (const id of wanted) if (!known.has(id)) warn(step, `No step ${id} runs in the background.`);
      say(step, `Waiting for ${names(wanted)}`);
      await all(wanted);
      const result = complete(wanted);
      report(step, wanted);
      return result;
    },
    async cancel(step, ids) {
      for (const id of ids) {
        cancelled.add(id);
        known.get(id)?.step.stop.abort();
      }
      say(step, `Cancelling ${names(ids)}`);
      await all(ids);
      complete(ids);
      report(step, ids);
      return "success";
    },
    hasOpen: () => open().length > 0,
    settle() {
      let result: Outcome = "success";
      for (const [id, { step }] of known) {
        if (cancelled.has(id) && step.result === "cancelled") continue;
        if (step.result !== null && step.result !== "skipped") result = worse(result, step.result);
      }
      if (result === "failure" || result === "cancelled")
        job.status = worse(job.status, result) as Job["status"];
    },
  };
}
