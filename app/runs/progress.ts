import type { PhaseName, TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { PhaseTimes } from "../store/rows.ts";

/** What the journal has said so far about one attempt. */
export type Progress = {
  readonly phases: PhaseTimes;
  readonly executed: boolean;
};

/** Progress as the row tells it, before any frame was read. */
export function startProgress(phases: PhaseTimes, executed: boolean): Progress {
  return { phases, executed };
}

/** Folds one event in; events that say nothing about phases leave it as it is. `atMs` is the frame's time on the box. */
export function advance(progress: Progress, event: TaskEvent, atMs: number): Progress {
  switch (event.e) {
    case "phase":
      return withPhase(progress, event, atMs);
    case "exit":
      return { ...progress, executed: event.executed };
    case "task":
    case "step":
    case "group":
    case "annotation":
    case "summary":
    case "note":
    case "gap":
    case "left":
      return progress;
  }
}

function withPhase(progress: Progress, event: Extract<TaskEvent, { e: "phase" }>, atMs: number): Progress {
  const name: PhaseName = event.name;
  if (event.at === "begin") {
    const executed = progress.executed || name === "execute";
    return { ...progress, executed, phases: { ...progress.phases, [name]: { begin: atMs } } };
  }
  const phase = {
    begin: progress.phases[name]?.begin ?? atMs - event.ms,
    ms: event.ms,
    outcome: event.outcome,
    ...(event.detail === undefined ? {} : { detail: event.detail }),
  };
  return { ...progress, phases: { ...progress.phases, [name]: phase } };
}
