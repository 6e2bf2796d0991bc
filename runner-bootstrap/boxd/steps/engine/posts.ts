/** Posts: registered when a step's pre or main begins, run in reverse order at the job's end, whatever happened (actions/runner ActionRunner.cs). */

import type { ActionDefinition, PlanStep } from "../plan.ts";
import { type Memory, type Step, textIn } from "./job.ts";

/** Remembers the step's post, once. A composite has one when something in it has. */
export function registerPost(
  step: Step,
  item: PlanStep,
  runs: ActionDefinition["runs"] | undefined,
  name: string,
): void {
  if (step.stage === "post" || runs === undefined) return;
  const { memory, job } = step;
  if (runs.using !== "composite") {
    const post = runs.using === "docker" ? runs.postEntrypoint : runs.post;
    if (post === undefined || post === "") return;
    memory.post ??= runs.postIf ?? "always()";
  }
  if (step.isNested || job.posts.some((one) => one.memory === memory)) return;
  const main = name.startsWith("Pre ") ? name.slice("Pre ".length) : name;
  job.posts.push({ item, name: `Post ${main}`, action: textIn(step.github, "action"), memory });
}

/** Whether anything was registered in it or below. */
export function hasPost(memory: Memory): boolean {
  return memory.post !== undefined || [...memory.children.values()].some(hasPost);
}
