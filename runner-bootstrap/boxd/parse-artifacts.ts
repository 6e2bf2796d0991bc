/** Checks the form of the artifacts that a task wants. */

import type { WantedArtifacts } from "./artifact-wire.ts";

/** As crabbox.yml bounds them (app/repo-config/artifact-keys.ts). */
const PATTERNS_MAX = 20;
const PATTERN_MAX = 256;

/** Whether it is a wish. Never throws. */
export function isArtifacts(value: unknown): value is WantedArtifacts {
  if (typeof value !== "object" || value === null) return false;
  const { patterns, ...bounds } = value as Record<string, unknown>;
  return (
    Array.isArray(patterns) &&
    patterns.length <= PATTERNS_MAX &&
    patterns.every(isPattern) &&
    ["fileMaxBytes", "runMaxBytes", "filesMax"].every((name) => isCount(bounds[name]))
  );
}

/** Relative, without a way out of the tree and into its history. */
function isPattern(pattern: unknown): boolean {
  return (
    typeof pattern === "string" &&
    pattern !== "" &&
    pattern.length <= PATTERN_MAX &&
    !pattern.startsWith("/") &&
    !pattern.includes("\0") &&
    pattern.split("/").every((part) => part !== ".." && part.toLowerCase() !== ".git")
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
