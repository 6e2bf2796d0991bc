import { mergeHydrate } from "../../repo-config/narrow.ts";
import type { HydrateAsked, StepsAsked } from "../../hydrate/hydrate-asked.ts";
import { checkName, commandCheckName } from "../check-name.ts";
import { defineCommand, type CommandText } from "../command.ts";
import { echo } from "../flags.ts";
import { HYDRATE_FLAGS, readHydrate } from "../hydrate-flags.ts";
import { findCommand } from "../find-command.ts";
import { OPTION_FLAGS, readOptions, type AskedOptions } from "../run-options.ts";
import { startRun } from "../start-run.ts";
import { readSteps, STEPS_FLAG } from "../steps-flag.ts";

type RunRequest = {
  /** Text, or the name of one in `.github/crabbox.yml`. */
  readonly command: CommandText | { readonly kind: "named"; readonly name: string };
  readonly asked: AskedOptions;
  readonly hydrate: HydrateAsked | null;
  readonly steps: StepsAsked;
  readonly noop: boolean;
};

/** `/crabbox run`: one command or script for the head commit as it is now. */
export const run = defineCommand<RunRequest>({
  verb: "run",
  usage:
    "run [NAME] [--class CLASS] [--timeout 30m] [--workflow W] [--job J] [--matrix K=V] [--needs] [--steps head] [--noop] [-- COMMAND]",
  summary: "Runs a command on this pull request's newest commit.",
  details: [
    "Everything after `--` stands on the same line and goes to `bash -c` as it is. For a script, leave `-- COMMAND` out and put " +
      "a fenced block directly below the line.",
    "",
    "`/crabbox run NAME` runs what `commands` of the default branch's `.github/crabbox.yml` calls so.",
    "",
    "On a pull request from a fork, or Dependabot's, the run is held until a writer approves its commit: see `/crabbox help approve`.",
    "",
    "Example: `/crabbox run --class large --timeout 1h -- npm test`",
  ],
  flags: [
    ...OPTION_FLAGS,
    ...HYDRATE_FLAGS,
    STEPS_FLAG,
    { name: "noop", summary: "Only say what would happen, who may, and what it could cost." },
  ],
  takesCommand: true,
  needsBase: true,
  heedsFile: true,
  permission: "write",

  parse({ flags, words, command }) {
    const [stray, more] = words;
    const isNamed = stray !== undefined && more === undefined && command === null;
    if (stray !== undefined && !isNamed) {
      return {
        ok: false,
        message: `${echo(stray)} stands where only flags may. Put \`--\` before the command: ${echo(`/crabbox run -- ${words.join(" ")}`)}.`,
      };
    }
    const wanted = isNamed ? { kind: "named" as const, name: stray } : command;
    if (wanted === null) {
      return { ok: false, message: "There is no command: put it after `--`, or into a fenced block below." };
    }
    const options = readOptions(flags);
    if (!options.ok) return options;
    const hydrate = readHydrate(flags);
    if (!hydrate.ok) return hydrate;
    const steps = readSteps(flags);
    if (!steps.ok) return steps;
    return {
      ok: true,
      value: {
        command: wanted,
        asked: options.value,
        hydrate: hydrate.value,
        steps: steps.value,
        noop: flags.get("noop") === true,
      },
    };
  },

  async handle(deps, context, request) {
    const found = findCommand(context.file, request.command);
    if (!found.ok) return { ok: false, body: found.message };
    const hydrate = mergeHydrate(context.file.hydrate, request.hydrate);
    return startRun(deps, context, {
      command: found.command,
      checkName: (asked) =>
        found.name === null ? checkName(found.command, asked) : commandCheckName(found.name, asked),
      asked: request.asked,
      named: found.options,
      options: { ...request.steps, ...(hydrate === null ? {} : { hydrate }) },
      noop: request.noop,
    });
  },
});
