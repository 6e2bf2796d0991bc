/** actions/checkout is answered when it asks for what the workspace already is; else it runs. */

import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Found } from "./action-of.ts";
import { type Inputs, inputOf } from "./inputs.ts";
import { type Step, textIn } from "./job.ts";
import { say } from "./say.ts";
import { setOutput } from "./set.ts";
import { workspaceHead } from "./workspace-head.ts";

/** True when nothing is left to do; the outputs are set then. */
export function answerCheckout(step: Step, found: Found, inputs: Inputs): boolean {
  if (found.action.name.toLowerCase() !== "actions/checkout") return false;
  const { synced } = step.job.plan;
  const value = (name: string): string => (inputOf(inputs, name) ?? "").trim();
  const ref = value("ref");
  const head = workspaceHead(step.job.host.places.workspace);
  const githubRef = textIn(step.job.github, "ref");
  const isOwn =
    value("repository") === "" || value("repository").toLowerCase() === synced.repository.toLowerCase();
  // `github.ref` names the event's commit; that is the synced one only when `github.sha` says so.
  const isRef =
    ref === "" ||
    ref.toLowerCase() === synced.sha ||
    ((ref === githubRef || ref === head?.branch) && step.job.github["sha"] === synced.sha);
  const path = value("path");
  const isHere = path === "" || path === "." || path === "./";
  // A step before may have emptied the workspace or gone to another commit.
  const isStill = head !== null && (head.sha ?? synced.sha) === synced.sha;
  if (!isOwn || !isRef || !isHere || !isStill || !hasWhatIsAsked(step, value)) return false;
  say(step, `The workspace holds ${synced.repository} at ${synced.sha} already: nothing to fetch.`);
  setOutput(step, "ref", ref === "" ? githubRef : ref, "checkout");
  setOutput(step, "commit", synced.sha, "checkout");
  return true;
}

function hasWhatIsAsked(step: Step, value: (name: string) => string): boolean {
  const { synced } = step.job.plan;
  const submodules = value("submodules").toLowerCase();
  if (submodules !== "" && submodules !== "false" && !synced.submodules) return false;
  if (value("lfs").toLowerCase() === "true" && !synced.lfs) return false;
  const depth = value("fetch-depth");
  const isShallow = existsSync(join(step.job.host.places.workspace, ".git", "shallow"));
  return depth === "" || depth === "1" || !isShallow;
}
