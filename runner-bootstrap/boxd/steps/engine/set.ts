/** How a step sets things for later steps. Each returns why it refuses, or null; a background step's settings wait until it is waited for. */

import type { Job, Step, StepEntry } from "./job.ts";
import { bare } from "./job.ts";
import { debug } from "./say.ts";

/** Names that GitHub itself refuses (actions/runner SetEnvFileCommand, `_setEnvBlockList`). */
const REFUSED_BY_GITHUB = "NODE_OPTIONS";
/** Characters that one step may set in all; GitHub's services take 50 MiB of outputs in a whole run. */
const SET_MAX_CHARS = 64 * 1024 * 1024;
/** What one setting counts beside its text, so that many tiny ones are bounded too. */
const SETTING_CHARS = 256;
/** Secrets of one job; a key of several lines is one a line. */
const MASKS_MAX = 10_000;

export function setEnv(step: Step, name: string, value: string, by: string): string | null {
  if (name.toUpperCase() === REFUSED_BY_GITHUB || step.job.host.isRefusedName(name))
    return `${by} cannot set ${name}: it would change how later programs are started.`;
  if (name === "" || name.includes("\0")) return `${by}: ${JSON.stringify(name)} cannot be a name.`;
  if (value.includes("\0")) {
    step.isCommandFailed = true;
    return `${by}: the value of ${name} holds a NUL character, which no program can be given.`;
  }
  const full = takeRoom(step, name, value, by);
  if (full !== null) return full;
  if (step.deferred !== null) step.deferred.env.set(name, value);
  else {
    step.job.env.set(name, value);
    step.env[name] = value;
  }
  debug(step, `${name}='${value}'`);
  return null;
}

export function addToPath(step: Step, directory: string): void {
  const path = step.deferred?.path ?? step.job.path;
  path.delete(directory);
  path.add(directory);
}

/** Names ignore case: a later one replaces an earlier one that differs in case alone. */
export function setOutput(step: Step, name: string, value: string, by: string): string | null {
  if (name === "") {
    step.isCommandFailed = true;
    return `${by}: an output needs a name.`;
  }
  const full = takeRoom(step, name, value, by);
  if (full !== null) return full;
  const key = name.toLowerCase();
  const known = step.outputNames.get(key) ?? name;
  step.outputNames.set(key, known);
  step.outputs[known] = value;
  if (step.deferred !== null) step.deferred.outputs.set(known, value);
  else if (step.id !== null) entryOf(step.scope, step.id).outputs[known] = value;
  debug(step, `Set output ${name} = ${value}`);
  return null;
}

export function setState(step: Step, name: string, value: string, by: string): string | null {
  if (name === "" || name.includes("\0") || value.includes("\0")) {
    step.isCommandFailed = true;
    return `${by}: a state needs a name, and neither name nor value can hold a NUL character.`;
  }
  const full = takeRoom(step, name, value, by);
  if (full !== null) return full;
  step.memory.state.set(name, value);
  debug(step, `Save intra-action state ${name} = ${value}`);
  return null;
}

/** Adds a secret: the whole, and each of its lines, because logs are written line by line. False when there is no room for it. */
export function addMask(job: Job, value: string): boolean {
  for (const part of [value, ...value.split(/[\r\n]+/).map((line) => line.trim())]) {
    if (part === "" || job.masked.has(part)) continue;
    if (job.masked.size >= MASKS_MAX) return false;
    job.masked.add(part);
    job.host.mask(part);
  }
  return true;
}

/** What a step's end means for `steps.ID`. */
export function setConclusion(step: Step): void {
  if (step.id === null) return;
  const entry = entryOf(step.scope, step.id);
  entry.outcome = step.outcome ?? step.result ?? "success";
  entry.conclusion = step.result ?? "success";
}

/** Hands on what a background step set (actions/runner ExecutionContext.cs, FlushDeferred*). */
export function flushDeferred(step: Step): void {
  const { deferred, job } = step;
  if (deferred === null) return;
  if (step.id !== null)
    Object.assign(entryOf(step.scope, step.id).outputs, Object.fromEntries(deferred.outputs));
  for (const [name, value] of deferred.env) job.env.set(name, value);
  for (const directory of deferred.path) {
    job.path.delete(directory);
    job.path.add(directory);
  }
  setConclusion(step);
}

function takeRoom(step: Step, name: string, value: string, by: string): string | null {
  step.setChars += name.length + value.length + SETTING_CHARS;
  if (step.setChars <= SET_MAX_CHARS) return null;
  step.isCommandFailed = true;
  return `${by}: the step has set more than ${SET_MAX_CHARS} characters in all; ${JSON.stringify(name.slice(0, 80))} does not count.`;
}

function entryOf(scope: Record<string, StepEntry>, id: string): StepEntry {
  return (scope[id] ??= { outputs: bare() });
}
