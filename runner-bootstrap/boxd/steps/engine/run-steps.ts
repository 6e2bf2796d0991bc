/** All steps of a job in their order: pres, the job's own, posts in reverse (actions/runner StepsRunner.cs). */

import type { PlanStep } from "../plan.ts";
import { type Background, openBackground } from "./background.ts";
import { actionNameOf, generatedId } from "./display-name.ts";
import { type Job, type Memory, newMemory } from "./job.ts";
import { hasPost } from "./posts.ts";
import { preOf } from "./pres.ts";
import { countResult, type Item, runStep } from "./run-step.ts";

/** A step with what it keeps over its stages, and its `github.action`. */
type Planned = {
  readonly item: PlanStep;
  readonly memory: Memory;
  readonly action: string;
  readonly parallel: readonly Planned[];
};

/** Runs them all; the job's status is its result. Never throws for anything a step does. */
export async function runSteps(job: Job): Promise<void> {
  const background = openBackground(job);
  const planned = planAll(job.plan.steps, new Set());
  for (const one of planned.flatMap((one) => [one, ...one.parallel])) await runPre(job, one);
  for (const one of planned) {
    if (job.isOver) break;
    await runMain(job, background, one);
  }
  if (background.hasOpen()) await waitForRest(job, background);
  background.settle();
  await runPosts(job);
}

async function runPre(job: Job, { item, memory, action }: Planned): Promise<void> {
  const condition = preOf(job, item);
  if (condition === null || job.isOver) return;
  const name = `Pre ${actionNameOf(item)}`;
  const { step } = await runStep(job, { item, memory, action, condition, name, stage: "pre", id: null });
  countResult(job, step.result);
}

async function runPosts(job: Job): Promise<void> {
  for (let post = job.posts.pop(); post !== undefined && !job.isOver; post = job.posts.pop()) {
    const { item, memory, name, action } = post;
    if (!hasPost(memory)) continue;
    const condition = memory.post ?? "always()";
    const { step } = await runStep(job, { item, memory, action, condition, name, stage: "post", id: null });
    countResult(job, step.result);
  }
}

async function runMain(job: Job, background: Background, planned: Planned): Promise<void> {
  const { item } = planned;
  const what: Item = { ...planned, stage: "main", condition: item.if, id: item.id ?? null };
  if (item.kind === "parallel") {
    await runParallel(job, background, what, planned.parallel);
  } else if (item.kind === "wait" || item.kind === "cancel") {
    // They always run, so that nothing is left behind (actions/runner JobExtension.cs).
    const { step } = await runStep(job, {
      ...what,
      condition: item.if ?? "always()",
      work: (step) => background[item.kind](step, item.ids),
    });
    countResult(job, step.result);
  } else if (item.background === true) {
    await startInBackground(job, background, what);
  } else {
    const { step } = await runStep(job, what);
    countResult(job, step.result);
  }
}

/** All at once; the step itself waits for them. Where a step says nothing else, the group's condition is its own. */
async function runParallel(
  job: Job,
  background: Background,
  what: Item,
  steps: readonly Planned[],
): Promise<void> {
  const ids: string[] = [];
  for (const { item, memory, action } of steps) {
    const condition = item.if ?? what.condition;
    const own: Item = { item, memory, action, condition, stage: "main", id: item.id ?? null };
    if (await startInBackground(job, background, own)) ids.push(action);
  }
  const { step } = await runStep(job, {
    ...what,
    condition: "always()",
    work: async (step) => (ids.length === 0 ? "skipped" : background.wait(step, ids)),
  });
  countResult(job, step.result);
}

/** Whether it was started; what was not has its result already. */
async function startInBackground(job: Job, background: Background, what: Item): Promise<boolean> {
  const { step, going } = await runStep(job, { ...what, isBackground: true }, () => background.slot());
  if (going === null) countResult(job, step.result);
  else background.add(what.action, going);
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

function planAll(steps: readonly PlanStep[], taken: Set<string>): Planned[] {
  return steps.map((item) => ({
    item,
    memory: newMemory(),
    action: item.id ?? generatedId(item, taken),
    parallel: item.kind === "parallel" ? planAll(item.steps, taken) : [],
  }));
}
