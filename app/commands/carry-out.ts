import type { CommandContext, CommandDeps, Reply } from "./command.ts";
import type { ParsedCommand } from "./grammar.ts";
import { helpOn, helpText } from "./help.ts";
import { rulesFor } from "./rules.ts";

/** One command to its answer, whoever wrote it: a person, or a button for them. Safe to repeat with the same context. */
export async function carryOutOne(
  deps: CommandDeps,
  context: CommandContext,
  command: ParsedCommand,
): Promise<Reply> {
  switch (command.kind) {
    case "fault":
      return { ok: false, body: command.message };
    case "help":
      return command.verb === null
        ? { ok: true, body: helpText(context.commands) }
        : helpOn(command.verb, context.commands);
    case "command": {
      if (!command.heedsFile) return command.handle(deps, context);
      const rules = await rulesFor(deps, context);
      return rules.ok ? command.handle(rules.deps, rules.context) : { ok: false, body: rules.message };
    }
  }
}
