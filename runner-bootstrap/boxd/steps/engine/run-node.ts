/** JavaScript actions, all on one Node (actions/runner NodeScriptActionHandler.cs, HandlerFactory.cs). */

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { ActionDefinition } from "../plan.ts";
import { type Step, textIn } from "./job.ts";
import { stepEnvironment } from "./environment.ts";
import { type Inputs, inputVariables } from "./inputs.ts";
import { type Ended, launch } from "./launch.ts";

type NodeRuns = Extract<ActionDefinition["runs"], { readonly main: string }>;

export async function runNode(
  step: Step,
  uses: string,
  runs: NodeRuns,
  directory: string,
  inputs: Inputs,
): Promise<Ended> {
  const { container, host } = step.job;
  const script = { setup: undefined, pre: runs.pre, main: runs.main, post: runs.post }[step.stage];
  const target = join(directory, script ?? "");
  if (script === undefined || script === "" || !existsSync(target))
    return {
      kind: "unstartable",
      message: `The action has no file ${script ?? ""} to run as ${step.stage}.`,
    };
  noteOldNode(step, uses, runs.using);
  const env = { ...stepEnvironment(step, inputVariables(inputs)), ...host.services };
  // It would point the action's Node at data of another (actions/runner issue 795).
  delete env["NODE_ICU_DATA"];
  if (container === null) return launch(step, { argv: [host.node, target], cwd: host.places.workspace, env });
  const node = await container.node(step.shown.n);
  if ("failed" in node) return { kind: "unstartable", message: node.failed };
  return launch(step, { argv: [node.node, container.inside(target)], cwd: host.places.workspace, env });
}

function noteOldNode(step: Step, uses: string, using: string): void {
  const { job } = step;
  // Of a repository once, whatever of it is used; a local one as written.
  const name = textIn(step.github, "action_repository") || uses;
  const key = `${using} ${name}`;
  if (using === "node24" || step.stage === "post" || job.noted.has(key)) return;
  job.noted.add(key);
  job.host.event({
    e: "note",
    text: `${name} asks for ${using}; it runs on Node 24, as all JavaScript actions here.`,
  });
}
