/** What hydration steps set for the steps and commands after them; kept with the box, outside the command's reach. */

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import type { StepState } from "./environment.ts";
import type { Layout } from "./layout.ts";
import type { Task } from "./task.ts";

export type StoredStepState = StepState & { readonly fingerprint: string };

const NOTHING: StepState = { env: {}, path: [] };

/** What applies to this task: the last hydration of its repository on this box. */
export function readStepState(layout: Layout, task: Task): StepState {
  return readStored(layout, task) ?? NOTHING;
}

/** The stored state with its fingerprint, or undefined when the repository was not hydrated here. */
export function readStored(layout: Layout, task: Task): StoredStepState | undefined {
  const file = fileOf(layout, task);
  return file !== undefined && existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as StoredStepState)
    : undefined;
}

/** Replaces the state in one rename. */
export function storeStepState(layout: Layout, task: Task, state: StoredStepState): void {
  const file = fileOf(layout, task);
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.tmp`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
}

/** Forgets the state: a hydration begins. */
export function forgetStepState(layout: Layout, task: Task): void {
  const file = fileOf(layout, task);
  if (file !== undefined) rmSync(file, { force: true });
}

function fileOf(layout: Layout, task: Task): string | undefined {
  return task.sync === undefined
    ? undefined
    : join(layout.root, "hydrated", task.sync.owner, `${task.sync.repo}.json`);
}
