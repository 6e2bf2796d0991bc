/** Checks the form of a hydration: what decides what is run and where files lie. What templates say is the engine's to judge. */

import { JOB_PLAN_VERSION } from "./steps/plan.ts";
import type { HydratePhase, JobPhase } from "./task.ts";

/** GitHub has no published limit; a planner's mistake would be larger. */
const STEPS_MAX = 1_000;
const ARCHIVES_MAX = 1_000;
const ACTIONS_MAX = 10_000;
/** The App plans fewer. */
const JOBS_MAX = 1_000;
/** Workflows that call one another: GitHub allows ten. */
const CALLS_DEEP_MAX = 10;

const SHA256 = /^[0-9a-f]{64}$/;
/** One directory's name, so that nothing is unpacked elsewhere. */
const ARCHIVE = /^(?!\.{1,2}$)[A-Za-z0-9_.@+-]{1,200}$/;
const SOURCES: Readonly<Record<string, string>> = { archive: "archive", workspace: "path", image: "image" };

/** Whether it is a hydration of this version. Never throws. */
export function isHydrate(value: unknown): value is HydratePhase {
  if (!isRecord(value)) return false;
  const { plan, jobs, archives, fingerprint } = value;
  return (
    typeof fingerprint === "string" &&
    isArchives(archives) &&
    (plan === null || isPlan(plan)) &&
    (jobs === undefined || isJobs(jobs))
  );
}

/** Whether it is a job that starts services and does nothing else. Never throws. */
export function isServices(value: unknown): boolean {
  return isRecord(value) && isPlan(value) && Array.isArray(value["steps"]) && value["steps"].length === 0;
}

/** Whether it is a whole job, with those it needs. Never throws. */
export function isJob(value: unknown): value is JobPhase {
  return isRecord(value) && isArchives(value["archives"]) && isJobs(value["jobs"]);
}

function isArchives(value: unknown): boolean {
  return Array.isArray(value) && value.length <= ARCHIVES_MAX && value.every(isArchive);
}

function isJobs(value: unknown): boolean {
  if (!isRecord(value) || typeof value["target"] !== "string" || !isRecord(value["matrix"])) return false;
  const { prepared, frame, inner } = value;
  return (
    isRecord(frame) &&
    (inner === undefined || typeof inner === "string") &&
    [frame["inputs"], frame["secrets"], frame["top"], frame["facts"]].every(isRecord) &&
    typeof frame["idPrefix"] === "string" &&
    typeof frame["namePrefix"] === "string" &&
    isPrepared(prepared, 0)
  );
}

function isPrepared(value: unknown, depth: number): boolean {
  return (
    Array.isArray(value) &&
    value.length <= JOBS_MAX &&
    depth <= CALLS_DEEP_MAX &&
    value.every((one) => isPreparedJob(one, depth))
  );
}

function isPreparedJob(value: unknown, depth: number): boolean {
  if (!isRecord(value)) return false;
  const { model, workflow, resolved, lacks, callee } = value;
  return (
    isRecord(model) &&
    typeof model["id"] === "string" &&
    (model["kind"] === "steps" || model["kind"] === "call") &&
    Array.isArray(model["needs"]) &&
    model["needs"].every((id) => typeof id === "string") &&
    isRecord(workflow) &&
    Array.isArray(lacks) &&
    isRecord(resolved) &&
    isSteps(resolved["steps"]) &&
    isActions(resolved["actions"]) &&
    (callee === null ||
      (isRecord(callee) && isRecord(callee["workflow"]) && isPrepared(callee["jobs"], depth + 1)))
  );
}

function isSteps(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length <= STEPS_MAX &&
    value.every((step) => isRecord(step) && typeof step["kind"] === "string")
  );
}

function isActions(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length <= ACTIONS_MAX && Object.values(value).every(isAction);
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
    isSteps(steps) &&
    isActions(actions)
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
