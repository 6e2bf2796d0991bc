/** The one switch that ends a task before its own end: by a person, by the deadline. */

import { join } from "node:path";

import { writeSynced } from "./once.ts";
import type { TaskExit } from "./task.ts";

export type StopReason = Pick<TaskExit, "why" | "by">;

export type Stop = {
  /** Aborted when the task is to end; git and other helpers listen. */
  readonly signal: AbortSignal;
  readonly reason: StopReason | undefined;
  /** Resolves when the task is to end. */
  readonly requested: Promise<void>;
  /** The first reason counts; it is on disk before anything is ended. */
  request(reason: StopReason): void;
  /** Moves the deadline; epoch ms on this box's clock. */
  setDeadline(at: number): void;
  /** The task has come to its own end: what is asked from now on changes nothing. */
  dispose(): void;
};

/** setTimeout takes no more (2^31 - 1 ms). */
const TIMER_MAX_MS = 2_147_483_647;

/** A switch with a deadline. `dir` is the task's directory. */
export function createStop(dir: string, deadlineAt: number): Stop {
  const controller = new AbortController();
  let reason: StopReason | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const requested = new Promise<void>((resolve) =>
    controller.signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  const request = (why: StopReason): void => {
    if (isOver || reason !== undefined) return;
    reason = why;
    try {
      writeSynced(join(dir, "why"), JSON.stringify(why));
    } catch {
      // A full disk must not keep a task from being ended; then only boxd's own death could lose the reason.
    }
    controller.abort();
  };
  const setDeadline = (at: number): void => {
    clearTimeout(timer);
    if (isOver) return;
    // A timer runs on the monotonic clock: setting the box's clock during the task changes nothing.
    timer = setTimeout(
      () => request({ why: "timed_out" }),
      Math.min(Math.max(0, at - Date.now()), TIMER_MAX_MS),
    );
  };
  setDeadline(deadlineAt);
  return {
    signal: controller.signal,
    requested,
    get reason() {
      return reason;
    },
    request,
    setDeadline,
    dispose() {
      isOver = true;
      clearTimeout(timer);
    },
  };
}
