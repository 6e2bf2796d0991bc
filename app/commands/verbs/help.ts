import { defineCommand } from "../command.ts";
import { helpOn, helpText } from "../help.ts";
import { oneWord } from "../one-word.ts";

/** `/crabbox help [VERB]`. */
export const help = defineCommand<{ readonly verb: string | null }>({
  verb: "help",
  usage: "help [VERB]",
  summary: "Shows these commands, or more about one.",
  details: [],
  flags: [],
  takesCommand: false,
  needsBase: false,
  permission: "write",
  parse: ({ words }) => oneWord(words, (verb) => ({ verb })),

  async handle(_deps, { commands }, { verb }) {
    return verb === null ? { ok: true, body: helpText(commands) } : helpOn(verb, commands);
  },
});
