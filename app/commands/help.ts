import { didYouMean } from "../did-you-mean.ts";
import type { Command } from "./command.ts";
import { echo } from "./flags.ts";

/** The list of commands, made from the table. */
export function helpText(commands: readonly Command[]): string {
  const rows = commands.map(({ usage, summary }) => `| \`/crabbox ${cell(usage)}\` | ${summary} |`);
  return [
    "| Comment | What it does |",
    "| --- | --- |",
    ...rows,
    "",
    "A command stands at the begin of a line. Quoted text and code are never commands. You need write access. " +
      "`/crabbox help VERB` says more about one.",
  ].join("\n");
}

/** One command's help; with a typing error, what was probably meant. */
export function helpOn(
  typed: string,
  commands: readonly Command[],
): { readonly ok: boolean; readonly body: string } {
  const command = commands.find(({ verb }) => verb === typed.toLowerCase());
  if (command === undefined) {
    const guess = didYouMean(
      typed,
      commands.map(({ verb }) => verb),
    );
    const meant = guess === null ? "" : ` Did you mean \`${guess}\`?`;
    return { ok: false, body: `There is no command ${echo(typed)}.${meant}\n\n${helpText(commands)}` };
  }
  const flags = command.flags.map(({ name, value, summary }) => {
    const usage = value === undefined ? `--${name}` : `--${name} ${value}`;
    return `| \`${cell(usage)}\` | ${summary} |`;
  });
  const table = flags.length === 0 ? [] : ["", "| Flag | Meaning |", "| --- | --- |", ...flags];
  const details = command.details.length === 0 ? [] : ["", ...command.details];
  return {
    ok: true,
    body: [`\`/crabbox ${command.usage}\``, "", command.summary, ...table, ...details].join("\n"),
  };
}

/** Our own texts hold no backslashes, so a pipe needs only one before it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
