import { createHash } from "node:crypto";
import { clampBytes, utf8Bytes } from "../clamp.ts";
import { plainLine } from "../plain-text.ts";
import type { JobAsked } from "../hydrate/hydrate-asked.ts";
import type { CommandText } from "./command.ts";

/** Readable in GitHub's list of checks without being cut there. */
const MAX_COMMAND_BYTES = 60;
/** A job and what was asked of it are a little longer. */
const MAX_JOB_BYTES = 80;
/** Enough to keep the commands of one repository apart. */
const HASH_CHARS = 6;

/**
 * The check's name: `crabbox / run: npm test`, with class and provider behind it when they were asked for. The same comment always
 * gives the same name, so a branch rule can require it. A script goes by its first line that says something. What is cut or
 * was not one plain line gets a few digits of its hash, so that two commands never share a name.
 */
export function checkName(command: CommandText, asked: readonly string[]): string {
  const said = command.kind === "line" ? command.text : firstLine(command.text);
  const plain = plainLine(said);
  const whole = plain === command.text.trim() && utf8Bytes(plain) <= MAX_COMMAND_BYTES;
  const shown = whole ? plain : `${clampBytes(plain, MAX_COMMAND_BYTES).trimEnd()}… ${shortHash(command)}`;
  const suffix = asked.length === 0 ? "" : ` (${asked.join(", ")})`;
  return `crabbox / run: ${shown}${suffix}`;
}

/** The check's name of a named command: `crabbox / command: unit`. */
export function commandCheckName(name: string, asked: readonly string[]): string {
  return `crabbox / command: ${name}${asked.length === 0 ? "" : ` (${asked.join(", ")})`}`;
}

/** The check's name of a whole job: `crabbox / job: test`, with all that was asked for behind it. */
export function jobCheckName({ workflow, job, matrix, only }: JobAsked, asked: readonly string[]): string {
  const values = Object.entries(matrix ?? {}).map(([key, value]) => `${key}=${value}`);
  const said = [...(workflow === undefined ? [] : [workflow]), ...values, ...(only === true ? ["only"] : [])];
  const suffix = [...said, ...asked].join(", ");
  const shown = suffix === "" ? job : `${job} (${suffix})`;
  const plain = plainLine(shown);
  if (plain === shown && utf8Bytes(plain) <= MAX_JOB_BYTES) return `crabbox / job: ${plain}`;
  const hash = shortHash({ kind: "line", text: shown });
  return `crabbox / job: ${clampBytes(plain, MAX_JOB_BYTES).trimEnd()}… ${hash}`;
}

const AUTO = /^crabbox \/ ([a-z0-9][a-z0-9._-]*)$/u;

/** The entry of `auto` that a check's name stands for; null for all others. */
export function autoEntryName(name: string): string | null {
  return AUTO.exec(name)?.[1] ?? null;
}

/** The check's name of an entry of `auto`, which no comment can make: a branch rule may require it. */
export function autoCheckName(entry: string): string {
  return `crabbox / ${entry}`;
}

function firstLine(script: string): string {
  const lines = script.split("\n").map((line) => line.trim());
  return lines.find((line) => line !== "" && !line.startsWith("#")) ?? "script";
}

function shortHash(command: CommandText): string {
  return createHash("sha256").update(`${command.kind}\n${command.text}`).digest("hex").slice(0, HASH_CHARS);
}
