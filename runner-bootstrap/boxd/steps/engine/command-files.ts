/** The files a step sets things by, new for every program of it: GITHUB_ENV, _OUTPUT, _PATH, _STATE, _STEP_SUMMARY. */

import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  unlinkSync,
} from "node:fs";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

import type { Step } from "./job.ts";
import { fail } from "./say.ts";
import { addToPath, setEnv, setOutput, setState } from "./set.ts";
import { parseKeyValues } from "./key-values.ts";

export type CommandFiles = { readonly paths: Readonly<Record<Kind, string>> };

type Kind = "env" | "output" | "path" | "state" | "step_summary";

const KINDS: readonly Kind[] = ["path", "env", "output", "state", "step_summary"];

const PREFIXES: Readonly<Record<Kind, string>> = {
  env: "set_env_",
  output: "set_output_",
  path: "add_path_",
  state: "save_state_",
  step_summary: "step_summary_",
};

/** GitHub's limit for a step's summary (actions/runner CreateStepSummaryCommand.AttachmentSizeLimit). */
const SUMMARY_MAX_BYTES = 1024 * 1024;
/** Ours. GitHub's services take 50 MiB of outputs in a run; no program can be given as much environment as the others hold. */
const MAX_BYTES: Readonly<Record<Kind, number>> = {
  env: 4 * 1024 * 1024,
  output: 50 * 1024 * 1024,
  path: 1024 * 1024,
  state: 4 * 1024 * 1024,
  step_summary: SUMMARY_MAX_BYTES,
};

/** Makes the files, empty, and names them in the step's `github` context. */
export function makeCommandFiles(step: Step): CommandFiles {
  const suffix = randomUUID();
  const directory = step.job.host.places.files;
  const paths: Record<Kind, string> = { env: "", output: "", path: "", state: "", step_summary: "" };
  for (const kind of KINDS) {
    const path = join(directory, PREFIXES[kind] + suffix);
    // Exclusive: a name that something else took already is never written through.
    closeSync(openSync(path, "wx", 0o666));
    paths[kind] = path;
    step.github[kind] = path;
  }
  return { paths };
}

/** Takes over what the program wrote, and removes the files. What is wrong with one fails the step; the others still count. */
export function takeCommandFiles(step: Step, files: CommandFiles): void {
  for (const kind of KINDS) {
    const read = readBounded(files.paths[kind], MAX_BYTES[kind]);
    if ("fault" in read) {
      fail(step, `GITHUB_${kind.toUpperCase()}: ${read.fault}`);
      // GitHub does not fail a step for its summary.
      if (kind !== "step_summary") step.isCommandFailed = true;
    } else if (read.text !== "") take(step, kind, read.text);
    remove(files.paths[kind]);
  }
}

/** Whatever the step has put there. It is a file nearly always, and to find out costs more than to remove it. */
function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    rmSync(path, { force: true, recursive: true });
  }
}

function take(step: Step, kind: Kind, text: string): void {
  if (kind === "step_summary") {
    step.job.host.event({ e: "summary", n: step.shown.n, markdown: text });
    return;
  }
  if (kind === "path") {
    for (const line of text.split(/\r\n|\r|\n/)) if (line !== "") addToPath(step, line);
    return;
  }
  const { pairs, fault } = parseKeyValues(text, step.job.host.masked);
  const set = { env: setEnv, output: setOutput, state: setState }[kind];
  for (const [name, value] of pairs) {
    const refusal = set(step, name, value, `GITHUB_${kind.toUpperCase()}`);
    if (refusal !== null) fail(step, refusal);
  }
  if (fault === undefined) return;
  fail(step, `GITHUB_${kind.toUpperCase()}, ${fault}.`);
  step.isCommandFailed = true;
}

/** Never through a link, never waiting at a pipe: the step may have put anything in the file's place. */
function readBounded(path: string, maxBytes: number): { readonly text: string } | { readonly fault: string } {
  let file: number;
  try {
    // Most are as they were made. Anything else is judged by what is opened.
    const left = lstatSync(path, { throwIfNoEntry: false });
    if (left === undefined || (left.isFile() && left.size === 0)) return { text: "" };
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // Removed by the step: nothing was said (actions/runner does the same).
    if (code === "ENOENT" || code === "ENOTDIR") return { text: "" };
    return {
      fault: code === "ELOOP" ? "a link was put in place of the file" : `the file cannot be read (${code})`,
    };
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) return { fault: "something else was put in place of the file" };
    if (stat.size === 0) return { text: "" };
    if (stat.size > maxBytes)
      return {
        fault: `${stat.size} bytes were written, more than the ${maxBytes} that are taken; nothing of it counts`,
      };
    return { text: readFileSync(file, "utf8").replace(/^\uFEFF/, "") };
  } finally {
    closeSync(file);
  }
}
