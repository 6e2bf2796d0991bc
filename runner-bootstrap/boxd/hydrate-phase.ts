/** Hydration: the step engine is a file of its own, loaded only here. */

import { isRefusedName } from "./environment.ts";
import type { PhaseResult } from "./phases.ts";
import type { Layout } from "./layout.ts";
import { stepsPlace, toolsPlace } from "./layout.ts";
import { forgetStepState, readStored, storeStepState } from "./step-state.ts";
import type { HydrateDeps } from "./steps/hydrate.ts";
import type { Task } from "./task.ts";

/** Set by the bundler: the engine's file name, beside boxd's own. */
declare const HYDRATE_FILE: string;

/** Runs the job, or checks that the box still holds what the App believes it to hold. */
export async function hydratePhase(
  deps: Omit<
    HydrateDeps,
    "blobs" | "caches" | "offered" | "place" | "tools" | "home" | "store" | "forget" | "isRefusedName"
  > & {
    readonly layout: Layout;
  },
  task: Task,
): Promise<PhaseResult> {
  const { layout } = deps;
  if (task.hydrate === undefined) {
    const held = readStored(layout, task)?.fingerprint;
    if (held === task.hydrated) return { detail: "already hydrated" };
    return {
      failed: true,
      exit: { why: "hydrate_failed", error: "the box does not hold the hydration that the task names" },
    };
  }
  const { owner, repo } = task.sync ?? { owner: "", repo: "" };
  const { hydrate } = (await import(
    new URL(HYDRATE_FILE, import.meta.url).href
  )) as typeof import("./steps/hydrate.ts");
  return hydrate(
    {
      ...deps,
      blobs: layout.blobs,
      caches: layout.caches,
      offered: task.caches,
      place: stepsPlace(layout, owner, repo),
      tools: toolsPlace(layout),
      home: layout.home,
      isRefusedName,
      store: (state) => storeStepState(layout, task, state),
      forget: () => forgetStepState(layout, task),
    },
    task.hydrate,
  );
}
