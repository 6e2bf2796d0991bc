/** Checks the form of the caches that a task offers. */

import type { OfferedCaches } from "./cache-wire.ts";

/** Own ref, base and default branch. */
const SCOPES_MAX = 3;
/** Ours: the App offers fewer. */
const OFFERED_MAX = 5_000;
const SHA256 = /^[0-9a-f]{64}$/;

/** Whether it is an offer. Never throws. */
export function isCaches(value: unknown): value is OfferedCaches {
  if (!isRecord(value) || !isSize(value["entryMaxBytes"])) return false;
  const { scopes } = value;
  return (
    Array.isArray(scopes) &&
    scopes.length > 0 &&
    scopes.length <= SCOPES_MAX &&
    scopes.every(
      (scope) =>
        isRecord(scope) &&
        typeof scope["ref"] === "string" &&
        Array.isArray(scope["entries"]) &&
        scope["entries"].length <= OFFERED_MAX &&
        scope["entries"].every(isOffered),
    )
  );
}

function isOffered(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value["key"] === "string" &&
    typeof value["version"] === "string" &&
    isSha256(value["sha256"]) &&
    isSize(value["sizeBytes"]) &&
    isSize(value["createdAt"])
  );
}

function isSha256(value: unknown): boolean {
  return typeof value === "string" && SHA256.test(value);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
