/** All steps of a job in their order: pres, the job's own, posts in reverse. */

import type { PlanStep } from "../plan.ts";
import { type Background, openBackground } from "./background.ts";
import { actionNameOf, generatedId } from "./display-name.ts";
import { type Job, type Memory, newMemory } from "./job.ts";
import { hasPost } from "./posts.ts";
import { preOf } from "./pres.ts";
import { countResult, type Item, runStep } from "./run-step.ts";

/** Runs them all; the job's status is its result. Never throws for anything a step does. */
export async function runSteps(job: Job): Promise<void> {
  const background = openBackground(job);
  const items = itemsOf(job, job.plan.steps);
  for (const { item, memory, action } of items) {
    const condition = preOf(job, item);
    if (condition === null) continue;
    const name = `Pre ${actionNameOf(item)}`;
    const { step } = await runStep(job, { item, memory, action, condition, name, stage: "pre", id: null });
    countResult(job, step.result);
  }
  for (const item of items) {
    if (job.isOver) break;
    await runMain(job, background, item);
  }
  if (background.hasOpen()) await waitForRest(job, background);
  background.settle();
  for (let post = job.posts.pop(); post !== undefined && !job.isOver; post = job.posts.pop()) {
    const { item, memory, name, action } = post;
    if (!hasPost(memory)) continue;
    const condition = memory.post ?? "always()";
    const { step } = await runStep(job, { item, memory, action, condition, name, stage: "post", id: null });
    countResult(job, step.result);
  }
}

type Planned = { readonly item: PlanStep; readonly memory: Memory; readonly action: string };

async function runMain(job: Job, background: Background, planned: Planned): Promise<void> {
  const { item, action } = planned;
  const what: Item = { ...planned, stage: "main", condition: item.if, id: item.id ?? null };
  switch (item.kind) {
    case "run":
    case "uses": {
      if (item.background === true) {
        await startInBackground(job, background, what, action);
        return;
      }
      const { step } = await runStep(job, what);
      countResult(job, step.result);
      return;
    }
    case "parallel": {
      await runParallel(job, background, what, item.steps);
      return;
    }
    default: {
      // They always run, so that nothing is left behind (actions/runner JobExtension.cs).
      const { step } = await runStep(job, {
        ...what,
        condition: item.if ?? "always()",
        work: (step) => background[item.kind](step, item.ids),
      });
      countResult(job, step.result);
    }
  }
}

/** All at once; the step itself waits for them. */
async function runParallel(
  job: Job,
  background: Background,
  what: Item,
  steps: readonly PlanStep[],
): Promise<void> {
  const ids: string[] = [];
  for (const planned of itemsOf(job, steps)) {
    const own = {
      ...planned,
      stage: "main",
      condition: planned.item.if ?? what.condition,
      id: planned.item.id ?? null,
    } as const;
    if (await startInBackground(job, background, own, planned.action)) ids.push(planned.action);
  }
  const { step } = await runStep(job, {
    ...what,
    condition: "always()",
    work: (step) => (ids.length === 0 ? Promise.resolve("success") : background.wait(step, ids)),
  });
  countResult(job, step.result);
}

async function startInBackground(job: Job, background: Background, what: Item, id: string): Promise<boolean> {
  const { step, going } = await runStep(job, { ...what, isBackground: true }, () => background.slot());
  if (going !== null) background.add(id, going);
  // What did not start has its result already.
  else countResult(job, step.result);
  return going !== null;
}

async function waitForRest(job: Job, background: Background): Promise<void> {
  const item: PlanStep = { kind: "wait", ids: [], env: {}, place: { path: "", line: 1, column: 1 } };
  const { step } = await runStep(job, {
    item,
    memory: newMemory(),
    action: "__implicit_wait_all",
    stage: "main",
    condition: "always()",
    id: null,
    work: (step) => background.wait(step, []),
  });
  countResult(job, step.result);
}

/** Each with what it keeps over its stages and its `github.action`. */
function itemsOf(job: Job, steps: readonly PlanStep[]): Planned[] {
  const taken = job.taken;
  return steps.map((item) => {
    const memory = job.memories.get(item) ?? newMemory();
    job.memories.set(item, memory);
    return { item, memory, action: item.id ?? generatedId(item, taken) };
  });
}
