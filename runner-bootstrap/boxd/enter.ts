/** `sh ~/.crabbox/enter`: for people who log in on a box, a shell where its set-up left off. */

import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { Layout } from "./layout.ts";
import { taskTmp } from "./layout.ts";

export type Entrance = {
  /** `owner/name`, for people. */
  readonly repository: string;
  readonly tree: string;
  /** The task's own TMPDIR, which goes with it: the shell gets another one. */
  readonly tmp: string;
  /** As the command has it. */
  readonly environment: Readonly<Record<string, string>>;
  /** The argv that commands run behind; empty without a sandbox. */
  readonly sandbox: readonly string[];
};

/** In the stead of a task's id: no task is called so. */
const PLACE = "enter";
/** A person's own, handed in when the shell is entered. */
const FROM_LOG_IN = ["TERM", "COLUMNS", "LINES"];
/** Of one task. */
const OF_THE_TASK: ReadonlySet<string> = new Set(["CRABBOX_TASK", "TMPDIR"]);
/**
 * The sandbox takes the terminal away, so that nothing in it can type into the log-in's shell; `script` gives it one of its own.
 * Start-up files are the command's to write, so none is read.
 */
const SHELL = `if [ "$#" -gt 0 ]; then exec bash --noprofile --norc "$@"; fi
if [ -t 0 ] && command -v script >/dev/null; then exec script -qefc 'bash --noprofile --norc' /dev/null; fi
exec bash --noprofile --norc`;

/** Replaces the entrance in one rename. It lies where no sandboxed command reaches. */
export function writeEntrance(layout: Layout, entrance: Entrance): void {
  const file = fileOf(layout);
  writeFileSync(`${file}.tmp`, scriptOf(layout, entrance), { mode: 0o700 });
  chmodSync(`${file}.tmp`, 0o700);
  renameSync(`${file}.tmp`, file);
}

/** Safe to repeat. */
export function removeEntrance(layout: Layout): void {
  rmSync(fileOf(layout), { force: true });
}

function scriptOf(layout: Layout, { repository, tree, tmp, environment, sandbox }: Entrance): string {
  const own = taskTmp(layout, PLACE);
  const set = { ...environment, TMPDIR: own };
  const words = [
    ...sandbox.map((word) => (word === tmp ? own : word)),
    "env",
    "-i",
    ...Object.entries(set).flatMap(([name, value]) =>
      OF_THE_TASK.has(name) && name !== "TMPDIR" ? [] : [`${name}=${value}`],
    ),
  ].map(quoted);
  const given = FROM_LOG_IN.map((name) => `\${${name}+"${name}=$${name}"}`);
  return [
    "#!/bin/sh",
    `# A shell in ${quoted(repository)} as its set-up left it, made by boxd: 'sh enter', or 'sh enter -c "npm test"'.`,
    `mkdir -p ${quoted(own)} && cd ${quoted(tree)} || exit`,
    `exec ${[...words, ...given, "sh", "-c", quoted(SHELL), "sh"].join(" ")} "$@"`,
    "",
  ].join("\n");
}

function fileOf(layout: Layout): string {
  return join(layout.root, PLACE);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
