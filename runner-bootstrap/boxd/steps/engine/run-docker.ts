/** Docker actions, and images as actions (actions/runner ContainerActionHandler.cs). */

import { fill } from "../expressions/fill.ts";
import type { ActionDefinition } from "../plan.ts";
import type { Found } from "./action-of.ts";
import { stepEnvironment, unfit } from "./environment.ts";
import { inputContext, inputOf, type Inputs, inputVariables } from "./inputs.ts";
import type { Step } from "./job.ts";
import { type Ended, watched } from "./launch.ts";
import { scopeOf } from "./scope.ts";
import { eitherOf } from "../../either-of.ts";

/** Longest wait a timer of Node can hold. */
const TIMER_MAX_MS = 2 ** 31 - 1;

type DockerRuns = Extract<ActionDefinition["runs"], { readonly using: "docker" }>;

/** Throws `ExpressionError` for arguments and environment that cannot be filled. */
export async function runDocker(
  step: Step,
  found: Found,
  runs: DockerRuns | null,
  inputs: Inputs,
): Promise<Ended> {
  const { docker } = step.job;
  const { source } = found.action;
  const image = source.kind === "image" ? source.image : (runs?.image ?? "");
  const { signal } = step.stop;
  const time = timeOf(step);
  const prepared = await docker.prepare(
    step.shown.n,
    { image, ...(found.directory === null ? {} : { directory: found.directory }) },
    time === null ? signal : eitherOf([signal, time]),
  );
  if ("failed" in prepared) {
    if (signal.aborted) return { kind: "stopped", by: "cancel" };
    if (time?.aborted === true) return { kind: "stopped", by: "timeout" };
    return { kind: "unstartable", message: prepared.failed };
  }

  const scope = scopeOf(step, { inputs: inputContext(inputs) });
  const env = { ...stepEnvironment(step, inputVariables(inputs)), ...step.job.host.services };
  for (const [name, text] of Object.entries(runs?.env ?? {}))
    if (!(name in step.env)) env[name] = fill(text, scope);
  const fault = unfit(env);
  if (fault !== null) return { kind: "unstartable", message: fault };
  const entrypoint = entrypointOf(step, runs, inputs);
  const args =
    runs === null || runs.args.length === 0
      ? (inputOf(inputs, "args") ?? [])
      : runs.args.map((text) => fill(text, scope));
  return watched(step, (watch) =>
    docker.run({ ...watch, image: prepared.image, args, env, ...(entrypoint === "" ? {} : { entrypoint }) }),
  );
}

/** The step's own time also counts while its image is pulled or built. */
function timeOf({ deadlineAt, job }: Step): AbortSignal | null {
  if (deadlineAt === null) return null;
  return AbortSignal.timeout(Math.min(Math.max(0, deadlineAt - job.host.now()), TIMER_MAX_MS));
}

function entrypointOf(step: Step, runs: DockerRuns | null, inputs: Inputs): string {
  if (step.stage === "pre") return runs?.preEntrypoint ?? "";
  if (step.stage === "post") return runs?.postEntrypoint ?? "";
  return runs?.entrypoint ?? inputOf(inputs, "entryPoint") ?? "";
}
