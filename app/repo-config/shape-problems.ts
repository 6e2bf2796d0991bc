import type { z } from "zod";
import { didYouMean } from "../did-you-mean.ts";
import { shortLine } from "../clamp.ts";
import { MAX_FAULTS } from "./fault.ts";
import { listed, meant, type Problem } from "./problem.ts";
import { knownKeys } from "./schema-nodes.ts";

/** Longest value or key that an error repeats. */
const ECHO_BYTES = 80;

/** What the schema found wrong, each for its key, told in plain words with what is allowed. */
export function shapeProblems(error: z.ZodError, value: unknown): readonly Problem[] {
  return error.issues.slice(0, MAX_FAULTS).flatMap((issue) => problemsOf(issue, value));
}

function problemsOf(issue: z.core.$ZodIssue, value: unknown): readonly Problem[] {
  const { path } = issue;
  switch (issue.code) {
    case "unrecognized_keys": {
      const known = knownKeys(path);
      return issue.keys.slice(0, MAX_FAULTS).map((key) => ({
        path: [...path, key],
        atKey: true,
        message: `There is no key ${quoted(key)} here.${meant(didYouMean(key, known))} There are ${listed(known)}.`,
      }));
    }
    case "invalid_key":
      return [{ path, atKey: true, message: said(issue.issues[0]?.message ?? issue.message, path.at(-1)) }];
    case "invalid_value": {
      const found = at(value, path);
      const allowed = issue.values.map(String);
      const guess = typeof found === "string" ? didYouMean(found, allowed) : null;
      return [
        { path, message: `${quoted(found)} is not known here.${meant(guess)} There are ${listed(allowed)}.` },
      ];
    }
    case "invalid_type": {
      const found = at(value, path);
      if (found === undefined) return [{ path, message: `\`${String(path.at(-1))}\` is missing.` }];
      return [{ path, message: `${aOf(issue.expected)} is needed; found ${quoted(found)}.` }];
    }
    case "too_big":
      return [{ path, message: `At most ${issue.maximum} ${unitOf(issue.origin)}.` }];
    case "too_small":
      return [{ path, message: `At least ${issue.minimum} ${unitOf(issue.origin)}.` }];
    case "invalid_format":
    case "not_multiple_of":
    case "invalid_union":
    case "invalid_element":
    case "custom":
      return [{ path, message: said(issue.message, at(value, path)) }];
  }
}

function said(message: string, found: unknown): string {
  const text = message.replace(/\.$/u, "");
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return typeof found === "object" || found === undefined
    ? `${sentence}.`
    : `${sentence}; found ${quoted(found)}.`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let found = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined;
    found = (found as Record<PropertyKey, unknown>)[step];
  }
  return found;
}

function aOf(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    object: "A mapping of keys",
    record: "A mapping of names",
    array: "A list",
    string: "Text",
    int: "A whole number",
    number: "A number",
    boolean: "true or false",
  };
  return words[expected] ?? expected;
}

function unitOf(origin: string): string {
  if (origin === "string") return "characters are allowed";
  return origin === "array" ? "entries are allowed" : "is allowed";
}

function quoted(found: unknown): string {
  const text = typeof found === "string" ? found : (JSON.stringify(found) ?? "nothing");
  return `\`${shortLine(text, ECHO_BYTES).replaceAll("`", "'")}\``;
}
