/** What somebody wants to know of the box when a task failed there: told then only. */

import { readFileSync } from "node:fs";
import { arch, release } from "node:os";

/** Dependency-free for the App. Names of the environment are told, values never. */
export type BoxFactsEvent = {
  readonly e: "box";
  /** As the system calls itself: `Debian GNU/Linux 13 (trixie)`. */
  readonly os: string;
  readonly kernel: string;
  readonly arch: string;
  /** Of the command's environment, sorted. */
  readonly names: readonly string[];
};

/** Names told; a workflow that sets more is hardly a person's. */
export const BOX_NAMES_MAX = 300;
export const BOX_NAME_MAX = 100;
const OS_MAX = 200;

/** Reads what the box says of itself. Never throws: names that cannot be had are none. */
export function boxFacts(environment: () => Readonly<Record<string, string>>): BoxFactsEvent {
  return {
    e: "box",
    os: osName(),
    kernel: release().slice(0, OS_MAX),
    arch: arch(),
    names: namesOf(environment),
  };
}

function namesOf(environment: () => Readonly<Record<string, string>>): readonly string[] {
  try {
    const names = Object.keys(environment()).filter((name) => name.length <= BOX_NAME_MAX);
    return names.sort().slice(0, BOX_NAMES_MAX);
  } catch {
    return []; // What set-up steps left cannot be read: the task's end must be told all the same.
  }
}

function osName(): string {
  try {
    const said = /^PRETTY_NAME="?([^"\n]*)"?$/mu.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
    return (said ?? "Linux").slice(0, OS_MAX);
  } catch {
    return "Linux"; // Not every image has the file.
  }
}
