/** A local action, read from the workspace when its step is reached: what is there then counts, not what was planned. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { readActionFile } from "../action-file.ts";
import type { ActionDefinition } from "../plan.ts";
import { openInside } from "./open-inside.ts";

/** More than action-file.ts takes, so that it says what is wrong. */
const FILE_MAX_BYTES = 2 * 1024 * 1024;

/** Its `action.yml`, `action.yaml`, or a Dockerfile alone, as the official runner looks for them (ActionManager.cs, LoadAction). */
export function readLocalAction(
  name: string,
  directory: string,
  /** Where its files may really lie. */
  places: readonly string[],
): { readonly definition: ActionDefinition } | { readonly fault: string } {
  for (const file of ["action.yml", "action.yaml"]) {
    const text = readText(join(directory, file), places);
    if (text === null) continue;
    const path = join(name, file);
    const read = readActionFile(text, path);
    if (read.kind === "action") return { definition: read.action };
    return { fault: `${path}, line ${read.line}, column ${read.column}: ${read.message}` };
  }
  if (isFile(join(directory, "Dockerfile"), places))
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

function isFile(path: string, places: readonly string[]): boolean {
  const opened = openInside(path, places);
  opened?.close();
  return opened !== null && opened.sizeBytes !== null;
}

function readText(path: string, places: readonly string[]): string | null {
  const opened = openInside(path, places);
  if (opened === null) return null;
  try {
    if (opened.sizeBytes === null) return null;
    return opened.sizeBytes > FILE_MAX_BYTES ? "x".repeat(FILE_MAX_BYTES) : readFileSync(opened.fd, "utf8");
  } finally {
    opened.close();
  }
}
