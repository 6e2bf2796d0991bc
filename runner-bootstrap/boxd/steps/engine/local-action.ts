/** A local action, read from the workspace when its step is reached: what is there then counts, not what was planned. */

import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { readActionFile } from "../action-file.ts";
import type { ActionDefinition } from "../plan.ts";

/** More than action-file.ts takes, so that it says what is wrong. */
const FILE_MAX_BYTES = 2 * 1024 * 1024;

/** Its `action.yml`, `action.yaml`, or a Dockerfile alone, as the official runner looks for them (ActionManager.cs, LoadAction). */
export function readLocalAction(
  name: string,
  directory: string,
): { readonly definition: ActionDefinition } | { readonly fault: string } {
  for (const file of ["action.yml", "action.yaml"]) {
    const text = readText(join(directory, file));
    if (text === null) continue;
    const path = join(name, file);
    const read = readActionFile(text, path);
    if (read.kind === "action") return { definition: read.action };
    return { fault: `${path}, line ${read.line}, column ${read.column}: ${read.message}` };
  }
  if (statSync(join(directory, "Dockerfile"), { throwIfNoEntry: false })?.isFile() === true)
    return {
      definition: {
        name,
        inputs: {},
        outputs: {},
        runs: { using: "docker", image: "Dockerfile", args: [], env: {} },
      },
    };
  return {
    fault: `There is no action.yml, action.yaml or Dockerfile in ${directory}. Does a step before this one have to make it?`,
  };
}

function readText(path: string): string | null {
  let file: number;
  try {
    // A pipe in the file's place must not hold up the job.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return null;
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return null;
    return stat.size > FILE_MAX_BYTES ? "x".repeat(FILE_MAX_BYTES) : readFileSync(file, "utf8");
  } finally {
    closeSync(file);
  }
}
