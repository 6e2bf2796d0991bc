/** actions/checkout is answered when it asks for what the workspace already is; else it runs. */

import { existsSync, readSync } from "node:fs";
import { join } from "node:path";

import type { Found } from "./action-of.ts";
import { type Inputs, inputOf } from "./inputs.ts";
import { type Step, textIn } from "./job.ts";
import { openInside } from "./open-inside.ts";
import { say } from "./say.ts";
import { setOutput } from "./set.ts";

/** Bytes of a `.git/HEAD`; a ref's name has at most 255 (git's file names). */
const HEAD_MAX_BYTES = 1024;

/** True when nothing is left to do; the outputs are set then. */
export function answerCheckout(step: Step, found: Found, inputs: Inputs): boolean {
  if (found.action.name.toLowerCase() !== "actions/checkout") return false;
  const { synced } = step.job.plan;
  const value = (name: string): string => (inputOf(inputs, name) ?? "").trim();
  const ref = value("ref");
  const githubRef = textIn(step.job.github, "ref");
  const isOwn =
    value("repository") === "" || value("repository").toLowerCase() === synced.repository.toLowerCase();
  // `github.ref` names the event's commit; that is the synced one only when `github.sha` says so.
  const isRef =
    ref === "" ||
    ref.toLowerCase() === synced.sha ||
    ((ref === githubRef || ref === branchOf(step)) && step.job.github["sha"] === synced.sha);
  const path = value("path");
  const isHere = path === "" || path === "." || path === "./";
  if (!isOwn || !isRef || !isHere || !hasWhatIsAsked(step, value)) return false;
  say(step, `The workspace holds ${synced.repository} at ${synced.sha} already: nothing to fetch.`);
  setOutput(step, "ref", ref === "" ? githubRef : ref, "checkout");
  setOutput(step, "commit", synced.sha, "checkout");
  return true;
}

/** The branch that is checked out, as `github.head_ref` and `github.ref_name` name it; null on a box, where none is. */
function branchOf(step: Step): string | null {
  const { workspace } = step.job.host.places;
  const head = openInside(join(workspace, ".git", "HEAD"), [workspace]);
  if (head === null) return null;
  try {
    if (head.sizeBytes === null) return null;
    const bytes = Buffer.alloc(HEAD_MAX_BYTES);
    const text = bytes.toString("utf8", 0, readSync(head.fd, bytes));
    return /^ref: refs\/heads\/(.+)\n$/u.exec(text)?.[1] ?? null;
  } finally {
    head.close();
  }
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
