import { effectiveCacheMode } from "../cache-mode.ts";
import type { CacheMode } from "../cache-mode.ts";
import { fill, fillValue } from "../expressions/fill.ts";
import { JOB_PLAN_VERSION, type JobPlan, type YamlMap } from "../plan.ts";
import { shownName, type Leg } from "./matrix.ts";
import type { StepsJob, WorkflowModel } from "./model.ts";
import { runnerOf } from "./runner.ts";
import { present } from "./present.ts";
import { containersOf } from "./containers.ts";
import { machineOf, wrongMachine } from "./machine.ts";
import type { Given } from "./start-job.ts";
import type { Frame, LegPlan, LegRefused } from "./types.ts";

export type JobParts = {
  readonly id: string;
  /** Name of the callers, as shown before the job's own. */
  readonly prefix: string;
  /** The workflow that was started; a called one shows its caller's. */
  readonly top: Pick<WorkflowModel, "name" | "path">;
  readonly workflow: WorkflowModel;
  readonly model: StepsJob;
  readonly given: Given;
  readonly secrets: Readonly<Record<string, string>>;
  readonly facts: Frame["facts"];
  /** What the caller grants. */
  readonly granted: CacheMode | undefined;
  readonly resolved: Pick<JobPlan, "steps" | "actions">;
};

/** One run of a job as the engine takes it, or why no box can run it. Throws ExpressionError. */
export function planLeg(parts: JobParts, leg: Leg, needs: YamlMap): LegPlan | LegRefused {
  const { id, model, workflow, given, secrets, facts, resolved } = parts;
  const contexts = { ...given, needs, matrix: leg.matrix, strategy: leg.strategy };
  const machine = machineOf(runnerOf(fillValue(model.runsOn, { contexts })).labels);
  if (machine !== null) return { leg, refused: wrongMachine(machine, model.place).reason };
  const shown = shownName(model.id, model.name, leg);
  const plan: JobPlan = {
    v: JOB_PLAN_VERSION,
    job: id,
    name: `${parts.prefix}${fill(shown, { contexts })}`,
    workflow: { name: parts.top.name, path: parts.top.path },
    contexts: {
      github: { ...given.github, job: model.id },
      vars: facts.vars,
      secrets,
      inputs: given.inputs,
      matrix: leg.matrix,
      strategy: leg.strategy,
      needs,
    },
    env: [workflow.env, model.env].filter((one) => typeof one === "string" || Object.keys(one).length > 0),
    defaults: { ...workflow.defaults, ...model.defaults },
    steps: resolved.steps,
    actions: resolved.actions,
    outputs: model.outputs,
    ...(model.continueOnError === undefined ? {} : { continueOnError: model.continueOnError }),
    ...(model.timeoutMinutes === undefined ? {} : { timeoutMinutes: model.timeoutMinutes }),
    ...present({ cacheMode: effectiveCacheMode(model, workflow, parts.granted) }),
    ...containersOf(model, { contexts }),
    synced: facts.synced,
  };
  return { leg, plan };
}
