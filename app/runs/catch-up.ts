import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import { readFrames } from "../journal/frames.ts";
import { parseCopiedEvent } from "../ssh/events-schema.ts";
import type { LogStore } from "../store/logs.ts";
import type { Attempt } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { advance, startProgress } from "./progress.ts";

export type CatchUpDeps = {
  readonly store: Pick<Store, "attempts">;
  readonly logs: Pick<LogStore, "readThrough">;
};

/**
 * An attempt as the App's own copy of its journal tells it: a process that died between the copy and the row left events that the
 * box, asked from the copy's length, sends to nobody again. `logBytes` is then the end of the copy's last whole frame, from where the
 * box is to be followed. Reads from the row's offset on, flat in memory. Safe to repeat; throws as the store does.
 */
export async function catchUp(deps: CatchUpDeps, attempt: Attempt): Promise<Attempt> {
  let progress = startProgress(attempt.phases, attempt.executed);
  let { logBytes } = attempt;
  await deps.logs.readThrough(attempt.id, async (read) => {
    for await (const frames of readFrames(read, logBytes)) {
      for (const frame of frames) {
        logBytes = frame.end;
        const event = frame.type === FRAME.event ? parseCopiedEvent(frame.payload) : null;
        if (event !== null) progress = advance(progress, event, frame.ms);
      }
    }
  });
  if (logBytes === attempt.logBytes) return attempt;
  const set = { logBytes, phases: progress.phases, executed: progress.executed };
  await deps.store.attempts.progress(attempt.id, set);
  return { ...attempt, ...set, state: attempt.state === "starting" ? "running" : attempt.state };
}
