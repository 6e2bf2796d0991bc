import { inlineCode, utf8Bytes } from "../clamp.ts";
import { didYouMean } from "../did-you-mean.ts";
import { forbiddenCharacter } from "../plain-text.ts";
import type { Command, CommandText } from "./command.ts";
import { echo, readFlags } from "./flags.ts";
import { scanMarkdown } from "./markdown.ts";
import { splitWords } from "./words.ts";

/** What one `/crabbox` line asks for. */
export type ParsedCommand =
  | {
      readonly kind: "command";
      readonly verb: string;
      readonly value: unknown;
      readonly needsBase: boolean;
      readonly heedsFile: boolean;
      readonly handle: Extract<ReturnType<Command["parse"]>, { ok: true }>["handle"];
    }
  /** `verb` null: help in general. */
  | { readonly kind: "help"; readonly verb: string | null }
  /** Not understood; `message` is Markdown. `verb` null: not even the verb. */
  | { readonly kind: "fault"; readonly verb: string | null; readonly message: string };

export type ParsedComment = {
  /** At most MAX_COMMANDS, in order. */
  readonly commands: readonly ParsedCommand[];
  /** How many more there were. */
  readonly leftOut: number;
};

/** Most commands of one comment that are carried out: more is a mistake or a flood. */
export const MAX_COMMANDS = 10;

/** Linux refuses a single argument of 128 KiB or more (MAX_ARG_STRLEN), its closing NUL included. A script is a file: no limit. */
const MAX_LINE_BYTES = 131_071;

const COMMAND_LINE = /^ {0,3}\/crabbox(?=[ \t\u00a0]|$)/iu;

/**
 * Finds and reads the commands of a comment. Pure, and linear in the comment's length. Code, quotes and HTML comments hold none.
 * `commands` is the table; a fault never throws.
 */
export function parseComment(body: string, commands: readonly Command[]): ParsedComment {
  if (!mayHoldCommand(body)) return { commands: [], leftOut: 0 };
  const blocks = scanMarkdown(body, (line) => COMMAND_LINE.test(line));
  const parsed: ParsedCommand[] = [];
  let leftOut = 0;
  for (const [index, block] of blocks.entries()) {
    if (block.kind !== "line") continue;
    const start = COMMAND_LINE.exec(block.text)?.[0];
    if (start === undefined) continue;
    if (parsed.length === MAX_COMMANDS) {
      leftOut++;
      continue;
    }
    const next = blocks[index + 1];
    const script = next?.kind === "fence" ? next : null;
    parsed.push(parseLine(block.text.slice(start.length), script, commands));
  }
  return { commands: parsed, leftOut };
}

/** False for nearly every comment in the world, at the price of one search. */
export function mayHoldCommand(body: string): boolean {
  return /\/crabbox/iu.test(body);
}

type Script = { readonly text: string; readonly closed: boolean };

function parseLine(text: string, script: Script | null, commands: readonly Command[]): ParsedCommand {
  const split = splitWords(text);
  const typed = split.ok ? split.words[0] : text.trim().split(/\s/u, 1)[0];
  const command = commands.find(({ verb }) => verb === typed?.toLowerCase());
  if (!split.ok) return fault(command, split.message);
  if (typed === undefined) {
    if (split.rest === null) return { kind: "help", verb: null };
    return fault(command, `The verb is missing: ${inlineCode(`/crabbox run -- ${split.rest.trim()}`, 120)}.`);
  }
  if (typed === "-h" || typed === "--help") return { kind: "help", verb: null };
  if (command === undefined) return fault(undefined, unknownVerb(typed, commands));

  const read = readFlags(split.words.slice(1), command.flags);
  if (!read.ok) return fault(command, read.message);
  if (read.help) return { kind: "help", verb: command.verb };
  if (!command.takesCommand && split.rest !== null) {
    return fault(command, `\`${command.verb}\` takes no command after \`--\`.`);
  }
  const line = split.rest !== null && split.rest.trim() !== "" ? split.rest : null;
  const given = command.takesCommand ? commandText(line, script) : null;
  if (given !== null && "message" in given) return fault(command, given.message);

  const parsed = command.parse({ flags: read.flags, words: read.words, command: given });
  if (!parsed.ok) return fault(command, parsed.message);
  const { verb, needsBase, heedsFile = false } = command;
  return { kind: "command", verb, needsBase, heedsFile, value: parsed.value, handle: parsed.handle };
}

function commandText(
  line: string | null,
  script: Script | null,
): CommandText | { readonly message: string } | null {
  if (line === null && script === null) return null;
  if (line === null && script?.closed === false) {
    return { message: "The block that holds the script is never closed." };
  }
  const text = line ?? `${script?.text ?? ""}\n`;
  if (text.trim() === "") return { message: "The block below the command is empty." };
  const forbidden = forbiddenCharacter(text);
  if (forbidden !== null) {
    return {
      message: `The command holds a character that cannot be shown as it would act (${forbidden}). Type it again without that.`,
    };
  }
  if (line !== null && utf8Bytes(line) > MAX_LINE_BYTES) {
    return {
      message: `The line is longer than the ${MAX_LINE_BYTES} bytes that Linux takes as one argument. Put it into a fenced block.`,
    };
  }
  return { kind: line === null ? "script" : "line", text };
}

function unknownVerb(typed: string, commands: readonly Command[]): string {
  const verbs = commands.map(({ verb }) => verb);
  const guess = didYouMean(typed, verbs);
  const list = verbs.map((verb) => `\`${verb}\``).join(", ");
  const meant = guess === null ? "" : ` Did you mean \`${guess}\`?`;
  return `There is no command ${echo(typed)}.${meant} There are ${list}.`;
}

function fault(command: Command | undefined, message: string): ParsedCommand {
  return {
    kind: "fault",
    verb: command?.verb ?? null,
    message: command === undefined ? message : `${message}\n\nUsage: \`/crabbox ${command.usage}\``,
  };
}
