import { didYouMean } from "../did-you-mean.ts";
import type { NamedCommand, RepoConfig } from "../repo-config/schema.ts";
import type { CommandText } from "./command.ts";
import { echo } from "./flags.ts";

/** What a run executes, and the options that its name stands for. */
export type FoundCommand =
  | {
      readonly ok: true;
      readonly command: CommandText;
      /** Null for a text that was written out. */
      readonly name: string | null;
      readonly options: RepoConfig["defaults"];
    }
  | { readonly ok: false; readonly message: string };

/** The command that was asked for: its text, or what `.github/crabbox.yml` calls by that name. */
export function findCommand(
  { commands }: Pick<RepoConfig, "commands">,
  asked: CommandText | { readonly kind: "named"; readonly name: string },
): FoundCommand {
  if (asked.kind !== "named") return { ok: true, command: asked, name: null, options: {} };
  const { name } = asked;
  const found = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (found !== undefined) return { ok: true, command: textOf(found), name, options: found };
  const names = Object.keys(commands);
  const guess = didYouMean(name, names);
  const meant = guess === null ? "" : ` Did you mean \`${guess}\`?`;
  const list = names.map((one) => `\`${one}\``).join(", ");
  const there = names.length === 0 ? "names none" : `has ${list}`;
  return {
    ok: false,
    message:
      `There is no command ${echo(name)}: \`.github/crabbox.yml\` of the default branch ${there}.${meant} ` +
      `To run the word itself, put \`--\` before it: ${echo(`/crabbox run -- ${name}`)}.`,
  };
}

/** A command of the file as a run has it: one line goes to `bash -c`, several are a script. */
export function textOf({ run }: NamedCommand): CommandText {
  const line = run.replace(/\n+$/u, "");
  return line.includes("\n") ? { kind: "script", text: run } : { kind: "line", text: line };
}
