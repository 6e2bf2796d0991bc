/** Obeys workflow commands (actions/runner ActionCommandManager.cs). */

import type { Command } from "./command-line.ts";
import type { Step } from "./job.ts";
import { parseCommand } from "./command-line.ts";
import { addMatchers, removeMatchers } from "./matcher-files.ts";
import { annotate } from "./annotate.ts";
import { debug, fail, say, warn } from "./say.ts";
import { addMask, addToPath, setEnv, setOutput, setState } from "./set.ts";

/** Of one program: whether commands are stopped, and by which word they go on. */
export type CommandState = { stopToken: string | null };

const KNOWN: ReadonlySet<string> = new Set([
  "add-mask",
  "add-matcher",
  "add-path",
  "debug",
  "echo",
  "endgroup",
  "error",
  "group",
  "notice",
  "remove-matcher",
  "save-state",
  "set-env",
  "set-output",
  "stop-commands",
  "warning",
]);

/** Commands that are never echoed as written (`OmitEcho`). */
const NOT_ECHOED: ReadonlySet<string> = new Set(["add-mask", "debug", "error", "notice", "warning"]);

/** Groups of a step that are told as such; the text of further ones is there without. */
const GROUPS_MAX = 1000;

export function newCommandState(): CommandState {
  return { stopToken: null };
}

/** Obeys the line if it is a command; `before` is called once, ahead of anything this writes. False: it is plain text. */
export function tryCommand(step: Step, state: CommandState, line: string, before: () => void): boolean {
  const { stopToken } = state;
  const command = parseCommand(line, (name) => KNOWN.has(name) || name === stopToken);
  if (command === null) return false;
  if (stopToken !== null) {
    if (command.name !== stopToken) return false;
    before();
    state.stopToken = null;
    return true;
  }
  before();
  if (step.echo && !NOT_ECHOED.has(command.name)) say(step, line);
  const fault = command.name === "stop-commands" ? stop(step, state, command.data) : obey(step, command);
  if (fault === null) return true;
  fail(
    step,
    `Unable to process command '${NOT_ECHOED.has(command.name) ? command.name : shorten(step.job.host.masked(line))}': ${fault}`,
  );
  step.isCommandFailed = true;
  return true;
}

/** Does it; what is wrong with it otherwise. */
function obey(step: Step, command: Command): string | null {
  const { data } = command;
  switch (command.name) {
    case "debug":
      debug(step, data);
      return null;
    case "notice":
    case "warning":
    case "error":
      annotate(step, command.name, command);
      return null;
    case "group":
    case "endgroup":
      group(step, command.name === "group" ? data : null);
      return null;
    case "echo":
      return echo(step, data.trim().toUpperCase());
    case "add-mask":
      return mask(step, data);
    case "set-output":
      warnOfOld(step, "set-output", "GITHUB_OUTPUT");
      return named(command, (name) => setOutput(step, name, data, "::set-output::"));
    case "save-state":
      warnOfOld(step, "save-state", "GITHUB_STATE");
      return named(command, (name) => setState(step, name, data, "::save-state::"));
    case "set-env":
      return unsafe(step, "set-env") ?? named(command, (name) => setEnv(step, name, data, "::set-env::"));
    case "add-path":
      return unsafe(step, "add-path") ?? path(step, data);
    case "add-matcher":
      return addMatchers(step, data);
    default:
      return removeMatchers(step, command.properties().get("owner") ?? "", data);
  }
}

function stop(step: Step, state: CommandState, token: string): string | null {
  const isAllowed = step.env["ACTIONS_ALLOW_UNSECURE_STOPCOMMAND_TOKENS"]?.toLowerCase() === "true";
  const word = token.toLowerCase();
  if (!isAllowed && (word === "" || word === "pause-logging" || KNOWN.has(word)))
    return "the word to go on by cannot be empty, 'pause-logging', or a workflow command.";
  // As GitHub: a long random word must not be seen in the log, or what is printed could end the pause.
  if (token.length > 6) addMask(step.job, token);
  state.stopToken = word;
  return null;
}

function group(step: Step, name: string | null): void {
  const { shown, job } = step;
  if (shown.group !== null) job.host.event({ e: "group", n: shown.n, at: "end", name: shown.group });
  if (name !== null) say(step, name);
  shown.groups += name === null ? 0 : 1;
  shown.group = shown.groups > GROUPS_MAX ? null : name;
  if (shown.group !== null) job.host.event({ e: "group", n: shown.n, at: "begin", name: shown.group });
}

/** As on GitHub; once a step is enough here. */
function warnOfOld(step: Step, name: string, file: string): void {
  const { noted } = step.job;
  const key = `${step.shown.n} ${name}`;
  if (noted.has(key)) return;
  noted.add(key);
  warn(step, `The command ${name} is an old one that GitHub means to switch off: write to $${file} instead.`);
}

function echo(step: Step, value: string): string | null {
  if (value !== "ON" && value !== "OFF") return "echo takes 'on' or 'off'.";
  step.echo = value === "ON";
  return null;
}

function mask(step: Step, value: string): string | null {
  if (value.trim() === "") {
    warn(step, "add-mask was given nothing to mask.");
    return null;
  }
  if (!addMask(step.job, value)) return "there are too many masks already; this one is not in force.";
  if (step.echo) say(step, "::add-mask::***");
  return null;
}

function named(command: Command, set: (name: string) => string | null): string | null {
  const name = command.properties().get("name") ?? "";
  return name === "" ? "it needs a name: the property 'name' is missing." : set(name);
}

function path(step: Step, directory: string): string | null {
  if (directory === "") return "a path is needed.";
  addToPath(step, directory);
  return null;
}

/** Both were switched off in 2020; a workflow can ask for them. */
function unsafe(step: Step, name: string): string | null {
  if (step.env["ACTIONS_ALLOW_UNSECURE_COMMANDS"]?.toLowerCase() === "true") return null;
  return `the ${name} command is disabled. Write to $${name === "set-env" ? "GITHUB_ENV" : "GITHUB_PATH"} instead, or set ACTIONS_ALLOW_UNSECURE_COMMANDS to true.`;
}

function shorten(line: string): string {
  return line.length > 200 ? `${line.slice(0, 200)}…` : line;
}
