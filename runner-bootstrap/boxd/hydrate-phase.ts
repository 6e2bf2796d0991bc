/** Hydration: the step engine is a file of its own, loaded only here. */

import { containerLabel, noteContainers } from "./containers.ts";
import { loadEngine } from "./engine-file.ts";
import { removeEntrance, writeEntrance } from "./enter.ts";
import { isRefusedName } from "./environment.ts";
import type { PhaseResult } from "./phases.ts";
import type { Layout } from "./layout.ts";
import { stepsPlace, toolsPlace } from "./layout.ts";
import { forgetStepState, readStored, storeStepState } from "./step-state.ts";
import type { HydrateDeps } from "./steps/hydrate.ts";
import { linkExecute } from "./claim.ts";
import type { JobPhase, Task } from "./task.ts";

export type StepsDeps = Omit<
  HydrateDeps,
  | "artifacts"
  | "blobs"
  | "caches"
  | "containers"
  | "offered"
  | "wanted"
  | "place"
  | "tools"
  | "home"
  | "store"
  | "forget"
  | "isRefusedName"
> & { readonly layout: Layout };

/** Runs the job, or checks that the box still holds what the App believes it to hold. */
export async function hydratePhase(deps: StepsDeps, task: Task): Promise<PhaseResult> {
  const { layout } = deps;
  if (task.hydrate === undefined) {
    const held = readStored(layout, task)?.fingerprint;
    if (held === task.hydrated) {
      if (task.services === undefined) return { detail: "already hydrated" };
      const { startServices } = await loadEngine();
      return startServices(inPlace(deps, task), task.services, task.given);
    }
    return {
      failed: true,
      exit: { why: "hydrate_failed", error: "the box does not hold the hydration that the task names" },
    };
  }
  const { hydrate } = await loadEngine();
  return hydrate(inPlace(deps, task), task.hydrate, task.given);
}

/**
 * Runs a whole job. `execute` is linked right before its first step, once the task's name is on disk: until then the task may be tried
 * elsewhere, after it never.
 */
export async function jobPhase(
  deps: StepsDeps,
  task: Task,
  job: JobPhase,
  at: { readonly dir: string; readonly durable: Promise<void> },
): Promise<PhaseResult> {
  const { wholeJob } = await loadEngine();
  return wholeJob(inPlace(deps, task), { job, given: task.given }, async () => {
    await at.durable;
    linkExecute(at.dir);
  });
}

/** The box's own places, and what is kept of this repository. */
function inPlace(deps: StepsDeps, task: Task): HydrateDeps {
  const { layout } = deps;
  const { owner, repo } = task.sync ?? { owner: "", repo: "" };
  return {
    ...deps,
    blobs: layout.blobs,
    caches: layout.caches,
    offered: task.caches,
    artifacts: layout.artifacts,
    wanted: task.artifacts,
    place: stepsPlace(layout, owner, repo),
    tools: toolsPlace(layout),
    home: layout.home,
    isRefusedName,
    containers: {
      label: containerLabel(task.id),
      begin: (daemon) => {
        const env = deps.environment({ env: {}, path: [] });
        noteContainers(layout, task.id, daemon === null ? env : { ...env, DOCKER_HOST: daemon });
      },
    },
    store(state) {
      storeStepState(layout, task, state);
      const [environment, sandbox] = [deps.environment(state), deps.sandbox()];
      const { tree, tmp } = deps;
      writeEntrance(layout, { repository: `${owner}/${repo}`, tree, tmp, environment, sandbox });
    },
    forget() {
      forgetStepState(layout, task);
      removeEntrance(layout);
    },
  };
}
