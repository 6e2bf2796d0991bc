/** Composite actions: their steps run inside the one step that uses them (actions/runner CompositeActionHandler.cs). */

import { fill } from "../expressions/fill.ts";
import type { ActionDefinition, ActionStep } from "../plan.ts";
import { actionNameOf } from "./display-name.ts";
import { inputContext, type Inputs } from "./inputs.ts";
import { newMemory, newStep, type Memory, type Step, worse } from "./job.ts";
import { hasPost } from "./posts.ts";
import { DEPTH_MAX, preOf } from "./pres.ts";
import { fail } from "./say.ts";
import { scopeOf, why } from "./scope.ts";
import { setConclusion, setOutput } from "./set.ts";
import { conclude, decide, mergeEnv } from "./step-ways.ts";
import type { ActionItem, RunAction, Work } from "./work.ts";

type Chosen = { readonly item: ActionStep; readonly memory: Memory };

type Perform = (child: Step, item: ActionItem, name: string) => Promise<Work>;

/** The composite's step fails with what fails in it; it never throws for what is in it. */
export async function runComposite(
  step: Step,
  definition: ActionDefinition,
  steps: readonly ActionStep[],
  directory: string,
  inputs: Inputs,
  depth: number,
  runAction: RunAction,
): Promise<Work> {
  if (depth >= DEPTH_MAX) {
    fail(step, `Composite actions are nested more than ${DEPTH_MAX} deep: perhaps one uses itself.`);
    return "failure";
  }
  const context = inputContext(inputs);
  for (const { item, memory } of chosen(step, steps, depth)) {
    const child = newStep(step.job, {
      stage: step.stage,
      isNested: true,
      id: item.id ?? null,
      scope: step.memory.steps,
      github: { ...step.github, action_path: directory, action_status: step.result ?? "success" },
      inputs: context,
      condition: conditionOf(step, item, memory, depth),
      memory,
      shown: step.shown,
      deadlineAt: step.deadlineAt,
    });
    const isGoing = await runChild(step, child, item, (one, action, name) =>
      runAction(one, action, name, depth + 1),
    );
    if (child.result === "failure" || child.result === "cancelled")
      step.result = worse(step.result, child.result);
    if (!isGoing) break;
  }
  if (step.stage === "main") giveOutputs(step, definition, context);
  return step.result ?? "success";
}

/** False when its condition cannot be told: then nothing after it runs. */
async function runChild(step: Step, child: Step, item: ActionStep, perform: Perform): Promise<boolean> {
  const { job } = step;
  mergeEnv(child, item.env, step);
  if (child.result === "failure") {
    setConclusion(child);
    return true;
  }
  job.running.add(child);
  try {
    const decision = decide(child);
    if (decision !== "run") {
      child.result = decision === "skip" ? "skipped" : "failure";
      return decision === "skip";
    }
    const work = await safely(child, item, perform);
    if (work === "timeout") fail(child, "The action has timed out.");
    conclude(child, work, item);
    return true;
  } finally {
    job.running.delete(child);
    setConclusion(child);
  }
}

async function safely(child: Step, item: ActionStep, perform: Perform): Promise<Work> {
  try {
    return await perform(child, item as ActionItem, actionNameOf(item));
  } catch (error) {
    fail(child, why(error));
    return "failure";
  }
}

/** Before and after: only what has something to do then, afterwards in reverse order. */
function chosen(step: Step, steps: readonly ActionStep[], depth: number): readonly Chosen[] {
  const all = steps
    .map((item, at) => ({ item, memory: memoryOf(step, at) }))
    .filter(({ item }) => item.kind === "run" || item.kind === "uses");
  if (step.stage === "main") return all;
  if (step.stage === "pre") return all.filter(({ item }) => preOf(step.job, item, depth + 1) !== null);
  return all.filter(({ memory }) => hasPost(memory)).toReversed();
}

function conditionOf(step: Step, item: ActionStep, memory: Memory, depth: number): string | undefined {
  if (step.stage === "main") return item.if;
  if (step.stage === "pre") return preOf(step.job, item, depth + 1) ?? "always()";
  return memory.post ?? "always()";
}

function memoryOf(step: Step, at: number): Memory {
  const known = step.memory.children.get(at);
  if (known !== undefined) return known;
  const memory = newMemory();
  step.memory.children.set(at, memory);
  return memory;
}

function giveOutputs(
  step: Step,
  definition: ActionDefinition,
  inputs: ReturnType<typeof inputContext>,
): void {
  const scope = scopeOf(step, { inputs, steps: step.memory.steps });
  for (const [name, output] of Object.entries(definition.outputs)) {
    if (output.value === undefined) continue;
    try {
      setOutput(step, name, fill(output.value, scope), "output");
    } catch (error) {
      fail(step, `The output ${name} cannot be told: ${why(error)}`);
      step.result = worse(step.result, "failure");
    }
  }
}
