/** Checks the form of a hydration: what decides what is run and where files lie. What templates say is the engine's to judge. */

import { JOB_PLAN_VERSION } from "./steps/plan.ts";
import type { HydratePhase } from "./task.ts";

/** GitHub has no published limit; a planner's mistake would be larger. */
const STEPS_MAX = 1_000;
const ARCHIVES_MAX = 1_000;
const ACTIONS_MAX = 10_000;

const SHA256 = /^[0-9a-f]{64}$/;
/** One directory's name, so that nothing is unpacked elsewhere. */
const ARCHIVE = /^(?!\.{1,2}$)[A-Za-z0-9_.@+-]{1,200}$/;
const SOURCES: Readonly<Record<string, string>> = { archive: "archive", workspace: "path", image: "image" };

/** Whether it is a hydration of this version. Never throws. */
export function isHydrate(value: unknown): value is HydratePhase {
  if (!isRecord(value)) return false;
  const { plan, archives, fingerprint } = value;
  return (
    typeof fingerprint === "string" &&
    Array.isArray(archives) &&
    archives.length <= ARCHIVES_MAX &&
    archives.every(isArchive) &&
    (plan === null || isPlan(plan))
  );
}

function isArchive(value: unknown): boolean {
  return (
    isRecord(value) &&
    isArchiveName(value["archive"]) &&
    typeof value["sha256"] === "string" &&
    SHA256.test(value["sha256"]) &&
    Number.isSafeInteger(value["sizeBytes"]) &&
    Number(value["sizeBytes"]) >= 0
  );
}

function isPlan(value: unknown): boolean {
  if (!isRecord(value) || value["v"] !== JOB_PLAN_VERSION) return false;
  const { job, name, workflow, contexts, env, defaults, steps, actions, outputs, services, synced } = value;
  return (
    typeof job === "string" &&
    typeof name === "string" &&
    [workflow, defaults, outputs, services, synced].every(isRecord) &&
    isRecord(contexts) &&
    ["github", "vars", "secrets", "inputs", "strategy", "needs"].every((key) => isRecord(contexts[key])) &&
    Array.isArray(env) &&
    Array.isArray(steps) &&
    steps.length <= STEPS_MAX &&
    steps.every((step) => isRecord(step) && typeof step["kind"] === "string") &&
    isRecord(actions) &&
    Object.keys(actions).length <= ACTIONS_MAX &&
    Object.values(actions).every(isAction)
  );
}

function isAction(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value["source"])) return false;
  const { kind, archive, path } = value["source"];
  const key = SOURCES[String(kind)];
  if (key === undefined || typeof value["source"][key] !== "string") return false;
  return kind !== "archive" || (isArchiveName(archive) && isInside(path));
}

function isArchiveName(value: unknown): boolean {
  return typeof value === "string" && ARCHIVE.test(value);
}

function isInside(path: unknown): boolean {
  return (
    typeof path === "string" &&
    !path.startsWith("/") &&
    !path.includes("\0") &&
    !path.split("/").includes("..")
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
