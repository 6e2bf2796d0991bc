/** `::add-matcher::FILE` and `::remove-matcher::FILE`, `::remove-matcher owner=NAME::`. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import type { Step } from "./job.ts";
import { openInside } from "./open-inside.ts";
import type { Matcher } from "./matcher.ts";
import { parseMatchers } from "./matcher.ts";
import { debug, warn } from "./say.ts";

/** Bytes of a matcher file; real ones have a few hundred. */
const FILE_MAX_BYTES = 1024 * 1024;
/** Matchers in force at once in a job. */
const MATCHERS_MAX = 200;

/** New ones come first, and replace those of the same owner. What is wrong, or null. */
export function addMatchers(step: Step, file: string): string | null {
  if (file === "") {
    warn(step, "add-matcher needs the path of a file.");
    return null;
  }
  const read = load(step, file);
  if (typeof read === "string") return read;
  const owners = new Set(read.map(({ owner }) => owner.toLowerCase()));
  const { job } = step;
  const kept = job.matchers.filter(({ owner }) => !owners.has(owner.toLowerCase()));
  if (kept.length + read.length > MATCHERS_MAX) return `more than ${MATCHERS_MAX} problem matchers at once.`;
  job.matchers = [...read, ...kept];
  debug(step, `Added matchers: ${[...owners].join(", ")}.`);
  return null;
}

export function removeMatchers(step: Step, owner: string, file: string): string | null {
  if ((owner === "") === (file === "")) {
    warn(step, "remove-matcher takes an owner or a file, one of them.");
    return null;
  }
  const read = owner === "" ? load(step, file) : [{ owner }];
  if (typeof read === "string") return read;
  const owners = new Set(read.map((matcher) => matcher.owner.toLowerCase()));
  step.job.matchers = step.job.matchers.filter((matcher) => !owners.has(matcher.owner.toLowerCase()));
  debug(step, `Removed matchers: ${[...owners].join(", ")}.`);
  return null;
}

function load(step: Step, file: string): readonly Matcher[] | string {
  const { container, host } = step.job;
  const path = resolve(host.places.workspace, container === null ? file : container.outside(file));
  const opened = openInside(path, Object.values(host.places));
  if (opened === null) return `there is no file ${path} among the job's files that can be read.`;
  try {
    if (opened.sizeBytes === null || opened.sizeBytes > FILE_MAX_BYTES)
      return `${path} is no file of at most ${FILE_MAX_BYTES} bytes.`;
    return parseMatchers(readFileSync(opened.fd, "utf8"));
  } catch (error) {
    return `${path} is no problem matcher: ${error instanceof Error ? error.message : String(error)}`;
  } finally {
    opened.close();
  }
}
