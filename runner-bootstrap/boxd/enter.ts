/** `sh ~/.crabbox/enter`: for people who log in on a box, a shell where its set-up left off. */

import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { DEFAULT_PATH } from "./environment.ts";
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
/** What it leaves below the slot's root. */
export const ENTRANCE_FILES = [PLACE, `${PLACE}.tmp`, `${PLACE}.env`, `${PLACE}.env.tmp`] as const;
/** A person's own, handed in when the shell is entered. */
const FROM_LOG_IN = ["TERM", "COLUMNS", "LINES"];
/** Of the task that prepared the box, which need not be the last one there; and what an interactive shell would obey. */
const NOT_HANDED_ON: ReadonlySet<string> = new Set([
  "CRABBOX_TASK",
  "CRABBOX_RUN",
  "CRABBOX_SHA",
  "CRABBOX_PULL_REQUEST",
  "ENV",
  "INPUTRC",
  "PROMPT_COMMAND",
  "PS0",
  "PS1",
  "PS2",
  "PS4",
]);
const SHELL_NAME = /^[A-Za-z_]\w*$/u;
/**
 * `$0` is the file with the variables: read in the sandbox, since programs that start before it would obey them, and on no command line,
 * where other users of the machine could read them. The sandbox takes the terminal away, so that nothing in it can type into the
 * log-in's shell; `script` gives it one of its own. Start-up files are the command's to write, so none is read.
 */
const SHELL = `. "$0"
if [ "$#" -gt 0 ]; then exec bash --noprofile --norc "$@"; fi
if [ -t 0 ] && command -v script >/dev/null; then exec script -qefc 'bash --noprofile --norc' /dev/null; fi
exec bash --noprofile --norc`;

/** Replaces the entrance, its variables first. It lies where no sandboxed command reaches. */
export function writeEntrance(layout: Layout, entrance: Entrance): void {
  const [script, , variables] = ENTRANCE_FILES.map((name) => join(layout.root, name));
  if (script === undefined || variables === undefined) return;
  replace(variables, variablesOf(entrance, taskTmp(layout, PLACE)), 0o600);
  replace(script, scriptOf(entrance, { own: taskTmp(layout, PLACE), variables }), 0o700);
}

/** Safe to repeat. */
export function removeEntrance(layout: Layout): void {
  for (const name of ENTRANCE_FILES) rmSync(join(layout.root, name), { recursive: true, force: true });
}

function replace(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.tmp`, text, { mode });
  chmodSync(`${file}.tmp`, mode);
  renameSync(`${file}.tmp`, file);
}

function variablesOf({ environment }: Entrance, own: string): string {
  const set = { ...environment, TMPDIR: own, SHELL: "/bin/bash", INPUTRC: "/dev/null" };
  const lines = Object.entries(set).flatMap(([name, value]) =>
    (NOT_HANDED_ON.has(name) && name !== "INPUTRC") || !SHELL_NAME.test(name)
      ? []
      : [`export ${name}=${quoted(value)}`],
  );
  return `${lines.join("\n")}\n`;
}

function scriptOf(
  { repository, tree, tmp, sandbox }: Entrance,
  { own, variables }: { readonly own: string; readonly variables: string },
): string {
  const behind = sandbox.map((word) => (word === tmp ? own : word));
  // Before the `--` that ends the sandbox's own words.
  if (behind.length > 0) behind.splice(-1, 0, "--ro-bind", variables, variables);
  const given = FROM_LOG_IN.map((name) => `\${${name}+"${name}=$${name}"}`);
  const path = `PATH=${DEFAULT_PATH}`;
  return [
    "#!/bin/sh",
    `# A shell in ${quoted(repository)} as its set-up left it, made by boxd: 'sh enter', or 'sh enter -c "npm test"'.`,
    `mkdir -p ${quoted(own)} && cd ${quoted(tree)} || exit`,
    `exec env -i ${[quoted(path), ...given, ...behind.map(quoted)].join(" ")} sh -c ${quoted(SHELL)} ${quoted(variables)} "$@"`,
    "",
  ].join("\n");
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
