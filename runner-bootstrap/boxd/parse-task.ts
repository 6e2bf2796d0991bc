/** Checks the one line that brings a task, by hand: a schema library would cost every cold start 30 ms. */

import { isGiven } from "./given.ts";
import { isCaches } from "./parse-caches.ts";
import { isHydrate, isJob, isServices } from "./parse-hydrate.ts";
import { TASK_VERSION } from "./task.ts";
import type { ExecutePhase, SyncPhase, Task } from "./task.ts";

/** A script of a 65,536-byte comment, 100 secrets of GitHub's 48 KB, and room. */
export const TASK_LINE_MAX_BYTES = 8 * 1024 * 1024;

/** Ours: more would be a mistake. */
const LIST_MAX = 10_000;
const GRACE_MAX_MS = 60_000;

const ID = /^[a-z0-9_]{4,64}$/;
const SHA = /^[0-9a-f]{40}$/;
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What a task's id looks like; also checked before an id becomes a path. */
export function isTaskId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** The task, or a sentence that says what is wrong with the line. Never echoes a value: it may be a secret. */
export function parseTask(line: string): { readonly task: Task } | { readonly refused: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { refused: "the task is not one line of JSON" };
  }
  const problem = check(value);
  return problem === undefined ? { task: value as Task } : { refused: problem };
}

function check(value: unknown): string | undefined {
  if (!isRecord(value)) return "the task is not an object";
  if (value["v"] !== TASK_VERSION)
    return `task version ${String(Number(value["v"]))} is unknown, this boxd speaks ${TASK_VERSION}`;
  if (!isTaskId(value["id"])) return "id: expected 4 to 64 of a-z, 0-9, _";
  if (!isEnv(value["env"])) return "env: expected names and texts without NUL";
  if (!isTexts(value["secrets"])) return "secrets: expected a list of texts";
  const { syncToken } = value;
  if (syncToken !== undefined && !(typeof syncToken === "string" && !/[\r\n\0]/.test(syncToken)))
    return "syncToken: expected one line";
  if (!isCount(value["deadlineAt"])) return "deadlineAt: expected epoch milliseconds";
  if (!isCount(value["logCapBytes"])) return "logCapBytes: expected a number of bytes";
  if (value["sandbox"] !== "none" && value["sandbox"] !== "bwrap") return "sandbox: expected none or bwrap";
  if (value["graceMs"] !== undefined && !(isCount(value["graceMs"]) && value["graceMs"] <= GRACE_MAX_MS))
    return `graceMs: expected at most ${GRACE_MAX_MS}`;
  if (!isOptionalText(value["hydrated"])) return "hydrated: expected a text";
  if (value["results"] !== undefined && !(isTexts(value["results"]) && value["results"].every(isPattern)))
    return "results: expected patterns within the work tree";
  if (value["sync"] !== undefined && !isSync(value["sync"]))
    return "sync: expected remote, sha, keep, owner, repo";
  if (value["hydrate"] !== undefined && !isHydrate(value["hydrate"]))
    return "hydrate: expected plan, archives and fingerprint";
  if (value["given"] !== undefined && !isGiven(value["given"]))
    return "given: expected names and texts, and a token of one line";
  if (value["execute"] !== undefined && !isExecute(value["execute"]))
    return "execute: expected kind, text, workingDirectory";
  if (value["caches"] !== undefined && !isCaches(value["caches"]))
    return "caches: expected scopes and entryMaxBytes";
  if (value["hydrate"] !== undefined && value["sync"] === undefined) return "hydrate: needs sync";
  if (value["services"] !== undefined && !(isServices(value["services"]) && value["hydrated"] !== undefined))
    return "services: expected a plan without steps, beside hydrated";
  return checkJob(value);
}

function checkJob(value: Readonly<Record<string, unknown>>): string | undefined {
  if (value["job"] === undefined) return undefined;
  if (!isJob(value["job"])) return "job: expected jobs and archives";
  if (value["sync"] === undefined) return "job: needs sync";
  if (value["execute"] !== undefined || value["hydrate"] !== undefined || value["hydrated"] !== undefined)
    return "job: stands alone";
  return undefined;
}

function isSync(value: unknown): value is SyncPhase {
  if (!isRecord(value)) return false;
  const { remote, sha, keep, owner, repo } = value;
  if (typeof remote !== "string" || !isRemote(remote)) return false;
  if (typeof sha !== "string" || !SHA.test(sha)) return false;
  if (typeof owner !== "string" || !NAME.test(owner) || typeof repo !== "string" || !NAME.test(repo))
    return false;
  return isTexts(keep) && keep.every(isKeep);
}

function isRemote(remote: string): boolean {
  const url = URL.parse(remote);
  return (
    url !== null &&
    (url.protocol === "https:" || url.protocol === "http:") &&
    url.username === "" &&
    url.password === ""
  );
}

/** A relative path or glob inside the tree; nothing that git would read as an option, a negation or a way out. */
function isKeep(pattern: string): boolean {
  return (
    /^[^!#\s/\\-][^\n\r\0\\]*$/.test(pattern) &&
    pattern.split("/").every((part) => part !== ".." && part !== "." && part.toLowerCase() !== ".git")
  );
}

/** Of a file of results: relative, without a way out. */
function isPattern(pattern: string): boolean {
  return pattern !== "" && pattern.length <= 256 && isInside(pattern);
}

function isExecute(value: unknown): value is ExecutePhase {
  if (!isRecord(value)) return false;
  const { kind, text, workingDirectory } = value;
  return (
    (kind === "line" || kind === "script") &&
    typeof text === "string" &&
    !text.includes("\0") &&
    isInside(workingDirectory)
  );
}

function isInside(path: unknown): boolean {
  return (
    typeof path === "string" &&
    !path.startsWith("/") &&
    !path.includes("\0") &&
    !path.split("/").includes("..")
  );
}

function isEnv(value: unknown): boolean {
  return (
    isRecord(value) &&
    Object.entries(value).every(
      ([name, text]) => ENV_NAME.test(name) && typeof text === "string" && !text.includes("\0"),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= LIST_MAX;
}

function isTexts(value: unknown): value is string[] {
  return isList(value) && value.every((item) => typeof item === "string");
}

function isOptionalText(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
