/** One step as it is shown: from its number to its result (actions/runner StepsRunner.cs). */

import type { Outcome } from "../host.ts";
import type { PlanStep } from "../plan.ts";
import { displayName } from "./display-name.ts";
import { newShown, newStep, type Job, type Memory, type Stage, type Step, worse } from "./job.ts";
import { runAction } from "./run-action.ts";
import { fail } from "./say.ts";
import { valueOf, why } from "./scope.ts";
import { setConclusion } from "./set.ts";
import { conclude, decide, mergeEnv } from "./step-ways.ts";
import type { ActionItem, Work } from "./work.ts";

export type Item = {
  readonly item: PlanStep;
  readonly stage: Stage;
  readonly condition: string | undefined;
  readonly memory: Memory;
  /** `github.action`. */
  readonly action: string;
  /** Left out: told from the step. */
  readonly name?: string;
  /** Id in `steps`; pre and post have none. */
  readonly id: string | null;
  /** What it does; left out: its action or script. */
  readonly work?: (step: Step) => Promise<Work>;
  readonly isBackground?: boolean;
};

/** A step that goes on on its own; `done` comes when it has ended. */
export type Going = { readonly step: Step; readonly name: string; readonly done: Promise<void> };

/** Runs a step to its end; a background step only to its start, then `going` is it. Never throws. */
export async function runStep(
  job: Job,
  what: Item,
  slot?: () => Promise<() => void>,
): Promise<{ readonly step: Step; readonly going: Going | null }> {
  const step = makeStep(job, what);
  const began = performance.now();
  mergeEnv(step, what.item.env, null);
  const name = what.name ?? displayName(what.item, step);
  job.host.event({ e: "step", n: step.shown.n, name, at: "begin" });
  const end = (): void => finish(step, what, name, Math.round(performance.now() - began));
  if (step.result === "failure") {
    setConclusion(step);
    end();
    return { step, going: null };
  }
  job.running.add(step);
  const decision = decide(step);
  if (decision !== "run") {
    job.running.delete(step);
    step.result = decision === "skip" ? "skipped" : "failure";
    setConclusion(step);
    end();
    return { step, going: null };
  }
  const work = async (): Promise<void> => {
    const release = await slot?.();
    setDeadline(step, what.item);
    conclude(step, await perform(step, what, name), what.item);
    job.running.delete(step);
    release?.();
    end();
  };
  if (what.isBackground === true) return { step, going: { step, name, done: work() } };
  await work();
  return { step, going: null };
}

/** A failed step makes the job fail; a cancelled or skipped one does not change it. */
export function countResult(job: Job, result: Outcome | null): void {
  if (result === "failure") job.status = worse(job.status, "failure") as Job["status"];
}

function makeStep(job: Job, what: Item): Step {
  return newStep(job, {
    shown: newShown(job),
    stage: what.stage,
    isNested: false,
    id: what.id,
    scope: job.steps,
    github: { ...job.github, action: what.action },
    inputs: job.plan.contexts.inputs,
    condition: what.condition,
    memory: what.memory,
    isBackground: what.isBackground === true,
  });
}

async function perform(step: Step, what: Item, name: string): Promise<Work> {
  try {
    const work =
      what.work === undefined
        ? await runAction(step, what.item as ActionItem, name, 0)
        : await what.work(step);
    if (work === "timeout") {
      const minutes = step.timeoutMinutes ?? 0;
      fail(step, `The action '${name}' has timed out after ${minutes} minutes.`);
    }
    return work;
  } catch (error) {
    fail(step, why(error));
    return "failure";
  }
}

function setDeadline(step: Step, item: PlanStep): void {
  if (step.stage !== "main" || item.timeoutMinutes === undefined) return;
  try {
    const minutes = Number(valueOf(item.timeoutMinutes, step));
    if (!(minutes > 0)) return;
    step.timeoutMinutes = minutes;
    step.deadlineAt = step.job.host.now() + minutes * 60_000;
  } catch (error) {
    fail(step, `timeout-minutes cannot be told: ${why(error)}`);
  }
}

function finish(step: Step, what: Item, name: string, ms: number): void {
  const conclusion = step.result ?? "success";
  const outcome = step.outcome ?? conclusion;
  const { n, code } = step.shown;
  step.job.host.event({
    e: "step",
    n,
    name,
    at: "end",
    outcome,
    conclusion,
    ms,
    ...(code === null ? {} : { code }),
  });
  step.job.results.push({
    n,
    id: what.id,
    name,
    stage: what.stage,
    outcome,
    conclusion,
    outputs: step.outputs,
    ms,
  });
}
