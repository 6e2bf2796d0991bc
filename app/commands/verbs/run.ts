import { fileOptions, fillOptions } from "../../repo-config/narrow.ts";
import { endPrevious } from "../../runs/group.ts";
import type { HydrateAsked, StepsAsked } from "../../hydrate/hydrate-asked.ts";
import { checkName, commandCheckName } from "../check-name.ts";
import { defineCommand, type CommandText } from "../command.ts";
import { echo } from "../flags.ts";
import { HYDRATE_FLAGS, readHydrate } from "../hydrate-flags.ts";
import { findCommand } from "../find-command.ts";
import { newRun } from "../new-run.ts";
import { noop } from "../noop.ts";
import { whyNoRun } from "../pull-request.ts";
import { whyNotUntrusted } from "../untrusted.ts";
import { readSteps, STEPS_FLAG, whyNotHead } from "../steps-flag.ts";
import { forActor, OPTION_FLAGS, readOptions, settleOptions, type AskedOptions } from "../run-options.ts";

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
    "run [NAME] [--class CLASS] [--timeout 30m] [--workflow W] [--job J] [--steps head] [--noop] [-- COMMAND]",
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
    const refusal = whyNoRun(context.pullRequest) ?? whyNotHead(request.steps, context);
    if (refusal !== null) return { ok: false, body: refusal };
    const found = findCommand(context.file, request.command);
    if (!found.ok) return { ok: false, body: found.message };
    const filled = fillOptions(context.file, request.asked, found.options, deps.limits);
    const settled = settleOptions(filled, deps.limits, deps.providers);
    if (!settled.ok) return { ok: false, body: settled.message };
    const untrusted = await whyNotUntrusted(deps, context, filled.provider);
    if (untrusted !== null) return { ok: false, body: untrusted };
    const { options, notes } = settled.value;
    const { stepsFrom } = request.steps;
    const whose = stepsFrom === undefined ? undefined : `steps from ${stepsFrom}`;
    const asked = [request.asked.class, request.asked.provider, whose].filter((name) => name !== undefined);
    const wanted = newRun(deps, context, {
      command: found.command,
      checkName: found.name === null ? checkName(found.command, asked) : commandCheckName(found.name, asked),
      options: forActor(
        {
          ...options,
          ...fileOptions(context.file),
          ...request.steps,
          ...(request.hydrate === null ? {} : { hydrate: request.hydrate }),
        },
        context.actor,
      ),
      baseSha: await context.baseTip(),
      checkoutSha: context.pullRequest.headSha,
    });
    if (request.noop) return noop(deps, context, wanted, notes);
    await endPrevious(deps, await deps.enqueue(wanted));
    return { ok: true, body: notes.length === 0 ? null : notes.join(" ") };
  },
});
