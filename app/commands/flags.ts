import { inlineCode } from "../clamp.ts";
import { didYouMean } from "../did-you-mean.ts";

/** One option of a command: `--name` alone, or `--name VALUE` and `--name=VALUE`. */
export type Flag = {
  readonly name: string;
  /** Stands for the value in the usage line; absent: the flag takes none. */
  readonly value?: string;
  readonly summary: string;
  /** It may stand there several times: its value is then a list, with one item too. */
  readonly isMany?: true;
};

/** A flag without a value is `true`, one that may stand there several times a list. */
export type FlagValue = string | true | readonly string[];

export type ReadFlags =
  | {
      readonly ok: true;
      /** Values by name. */
      readonly flags: ReadonlyMap<string, FlagValue>;
      readonly words: readonly string[];
      readonly help: boolean;
    }
  | { readonly ok: false; readonly message: string };

/** Longest part of what was typed that an answer repeats. */
const ECHO_BYTES = 80;

/** Sorts words into flags and the rest. The first fault ends it, named as it was typed. `--help` and `-h` are every command's. */
export function readFlags(words: readonly string[], known: readonly Flag[]): ReadFlags {
  const flags = new Map<string, FlagValue>();
  const plain: string[] = [];
  let help = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "-h" || word === "--help") {
      help = true;
      continue;
    }
    if (!word.startsWith("-") || word === "-") {
      plain.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const typed = equals === -1 ? word : word.slice(0, equals);
    const flag = known.find(({ name }) => `--${name}` === typed);
    if (flag === undefined) return { ok: false, message: unknownFlag(typed, known) };
    const before = flags.get(flag.name);
    if (before !== undefined && flag.isMany !== true)
      return { ok: false, message: `\`--${flag.name}\` stands there twice.` };
    if (flag.value === undefined) {
      if (equals !== -1) return { ok: false, message: `\`--${flag.name}\` takes no value.` };
      flags.set(flag.name, true);
      continue;
    }
    const value = equals === -1 ? words[++at] : word.slice(equals + 1);
    if (value === undefined || value === "" || (equals === -1 && value.startsWith("--"))) {
      return { ok: false, message: `\`--${flag.name}\` needs a value: \`--${flag.name} ${flag.value}\`.` };
    }
    flags.set(flag.name, flag.isMany === true ? [...(Array.isArray(before) ? before : []), value] : value);
  }
  return { ok: true, flags, words: plain, help };
}

/** What was typed, as an answer may repeat it. */
export function echo(typed: string): string {
  return inlineCode(typed, ECHO_BYTES);
}

function unknownFlag(typed: string, known: readonly Flag[]): string {
  const names = ["--help", ...known.map(({ name }) => `--${name}`)];
  const guess = didYouMean(typed, names);
  const end = guess === null ? "" : ` Did you mean \`${guess}\`?`;
  return `There is no flag ${echo(typed)}.${end}`;
}
