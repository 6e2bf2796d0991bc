/** How a step's work is told between those who do it. */

import type { Outcome } from "../host.ts";
import type { PlanStep } from "../plan.ts";
import type { Step } from "./job.ts";

/** How a step's work went; `timeout` is for the caller to word. */
export type Work = Outcome | "timeout";

/** A step that does something itself. */
export type ActionItem = PlanStep & { readonly kind: "run" | "uses" };

/** Runs one stage of one step; `depth` counts composites around it. */
export type RunAction = (step: Step, item: ActionItem, name: string, depth: number) => Promise<Work>;
