/** One stage of one step: its command files, its action, its program (actions/runner ActionRunner.cs). */

import type { ActionDefinition, PlanStep } from "../plan.ts";
import type { Step } from "./job.ts";
import { actionOf, type Found } from "./action-of.ts";
import { answerCheckout } from "./checkout.ts";
import { makeCommandFiles, takeCommandFiles } from "./command-files.ts";
import { inputsOf } from "./inputs.ts";
import { type Ended, sayEnd } from "./launch.ts";
import { registerPost } from "./posts.ts";
import { runComposite } from "./run-composite.ts";
import { runDocker } from "./run-docker.ts";
import { runNode } from "./run-node.ts";
import { runScript } from "./run-script.ts";
import { fail, warn } from "./say.ts";
import type { ActionItem, Work } from "./work.ts";

/** Throws `ExpressionError` and errors of the file system; the caller makes them the step's failure. */
export async function runAction(step: Step, item: ActionItem, name: string, depth: number): Promise<Work> {
  if (step.job.isStranded) {
    fail(step, "The job's container is not there, so nothing can run in it.");
    return "failure";
  }
  if (item.kind === "run") {
    nameAction(step, null);
    const ended = await withFiles(step, () => runScript(step, item));
    sayEnd(step, ended);
    return workOf(ended);
  }
  // An action that a step has changed or removed since still has its post.
  const found = step.memory.found ?? actionOf(step.job, item);
  if ("fault" in found) {
    fail(step, found.fault);
    return "failure";
  }
  step.memory.found = found;
  return use(step, item, found, name, depth);
}

async function use(
  step: Step,
  item: PlanStep & { kind: "uses" },
  found: Found,
  name: string,
  depth: number,
): Promise<Work> {
  nameAction(step, found);
  const runs = found.definition?.runs;
  if (found.isLocal && step.stage === "main" && hasPre(runs))
    warn(step, `The \`pre\` of ${item.uses} does not run: on GitHub local actions have none either.`);
  const inputs = inputsOf(step, item, found);
  if (step.stage === "main" && answerCheckout(step, found, inputs)) return "success";
  registerPost(step, item, runs, name);
  if (runs?.using === "composite" && found.definition !== null)
    return runComposite(step, found.definition, runs.steps, found.directory ?? "", inputs, depth, runAction);
  const ended = await withFiles(step, async () =>
    runs === undefined || !("main" in runs)
      ? runDocker(step, found, runs?.using === "docker" ? runs : null, inputs)
      : runNode(step, item.uses, runs, found.directory ?? "", inputs),
  );
  // A JavaScript action says itself what failed.
  if (ended.kind !== "exit" || ended.signal !== undefined || runs === undefined || runs.using === "docker")
    sayEnd(step, ended);
  else step.shown.code = ended.code;
  return workOf(ended);
}

async function withFiles(step: Step, work: () => Promise<Ended>): Promise<Ended> {
  const files = makeCommandFiles(step);
  try {
    return await work();
  } finally {
    takeCommandFiles(step, files);
  }
}

function workOf(ended: Ended): Work {
  if (ended.kind === "stopped") return ended.by === "timeout" ? "timeout" : "cancelled";
  return ended.kind === "exit" && ended.code === 0 ? "success" : "failure";
}

/** `github.action_repository` and `action_ref`: of an action from a repository; empty for all else. */
function nameAction(step: Step, found: Found | null): void {
  const isRemote = found !== null && found.action.ref !== undefined;
  step.github["action_repository"] = isRemote ? found.action.name.split("/").slice(0, 2).join("/") : "";
  step.github["action_ref"] = isRemote ? (found.action.ref ?? "") : "";
}

function hasPre(runs: ActionDefinition["runs"] | undefined): boolean {
  if (runs === undefined || runs.using === "composite") return false;
  return (runs.using === "docker" ? runs.preEntrypoint : runs.pre) !== undefined;
}
