import type { ResultEvent } from "../../runner-bootstrap/boxd/results/result-events.ts";
import type { PhaseName, TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import { UPLOADS_MAX, uploadName } from "../artifacts/uploads.ts";
import { shortLine } from "../clamp.ts";
import { withRemark, withSummary } from "../results/step-remarks.ts";
import type { PhaseTimes } from "../store/rows.ts";

/** Steps of a set-up that the row keeps; the log has them all. */
const MAX_STEPS = 100;
const NAME_BYTES = 100;

type Phase = NonNullable<PhaseTimes["hydrate"]>;

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
    case "step":
      return withStep(progress, event);
    case "annotation":
      return withStepPhase(progress, (phase) => ({
        ...phase,
        remarks: withRemark(phase.remarks ?? [], event),
      }));
    case "summary":
      return withStepPhase(progress, (phase) => ({
        ...phase,
        summaries: withSummary(phase.summaries ?? [], event),
      }));
    case "failure":
    case "results":
      return withResults(progress, event);
    case "artifacts":
      return withArtifacts(progress, event);
    case "artifact":
      return event.from === "action" ? withUpload(progress, event.name) : progress;
    case "task":
    case "box":
    case "group":
    case "note":
    case "cache":
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
  const before = progress.phases[name];
  const phase = {
    ...before,
    begin: before?.begin ?? atMs - event.ms,
    ms: event.ms,
    outcome: event.outcome,
    ...(event.detail === undefined ? {} : { detail: event.detail }),
  };
  return { ...progress, phases: { ...progress.phases, [name]: phase } };
}

/** What steps say belongs to the phase that runs them. */
function withStepPhase(progress: Progress, change: (phase: Phase) => Phase): Progress {
  const name = progress.phases.execute === undefined ? "hydrate" : "execute";
  const phase = progress.phases[name];
  return phase === undefined
    ? progress
    : { ...progress, phases: { ...progress.phases, [name]: change(phase) } };
}

/** Failures come before the counts; each is known by its number. */
function withResults(progress: Progress, event: ResultEvent): Progress {
  const phase = progress.phases.collect;
  if (phase === undefined) return progress;
  const known = phase.failures ?? [];
  if (event.e === "failure" && known.some(({ i }) => i === event.i)) return progress;
  const collect =
    event.e === "failure"
      ? { ...phase, failures: [...known, told(event)] }
      : { ...phase, results: told(event) };
  return { ...progress, phases: { ...progress.phases, collect } };
}

function withArtifacts(progress: Progress, event: Extract<TaskEvent, { e: "artifacts" }>): Progress {
  const phase = progress.phases.collect;
  if (phase === undefined) return progress;
  const collect = { ...phase, artifacts: told(event) };
  return { ...progress, phases: { ...progress.phases, collect } };
}

/** One that is told twice counts once. */
function withUpload(progress: Progress, name: string): Progress {
  return withStepPhase(progress, (phase) => {
    const known = phase.uploads ?? [];
    const shown = uploadName(name);
    return known.includes(shown) || known.length >= UPLOADS_MAX
      ? phase
      : { ...phase, uploads: [...known, shown] };
  });
}

/** Steps belong to the phase that is under way, a whole job's to `execute`; one that the box tells twice counts once. */
function withStep(progress: Progress, event: Extract<TaskEvent, { e: "step" }>): Progress {
  const name = progress.phases.execute === undefined ? "hydrate" : "execute";
  const phase = progress.phases[name];
  if (phase === undefined) return progress;
  const known = phase.steps ?? [];
  const at = known.findIndex(({ n }) => n === event.n);
  if (at === -1 && known.length >= MAX_STEPS) return progress;
  const step = {
    n: event.n,
    name: shortLine(event.name, NAME_BYTES),
    ...(event.at === "begin" ? {} : { outcome: event.outcome, conclusion: event.conclusion, ms: event.ms }),
  };
  const steps = at === -1 ? [...known, step] : known.with(at, step);
  return { ...progress, phases: { ...progress.phases, [name]: { ...phase, steps } } };
}

function told<E extends { readonly e: string }>({ e: _e, ...rest }: E): Omit<E, "e"> {
  return rest;
}
