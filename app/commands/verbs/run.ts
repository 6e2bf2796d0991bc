import { domainOf } from "../../forks/source.ts";
import type { NewRun } from "../../store/runs.ts";
import { checkName } from "../check-name.ts";
import { defineCommand, type CommandContext, type CommandDeps, type CommandText } from "../command.ts";
import { echo } from "../flags.ts";
import { noop } from "../noop.ts";
import { whyNoRun } from "../pull-request.ts";
import { whyNotUntrusted } from "../untrusted.ts";
import { forActor, OPTION_FLAGS, readOptions, settleOptions, type AskedOptions } from "../run-options.ts";

type RunRequest = {
  readonly command: CommandText;
  readonly asked: AskedOptions;
  readonly noop: boolean;
};

/** `/crabbox run`: one command or script for the head commit as it is now. */
export const run = defineCommand<RunRequest>({
  verb: "run",
  usage: "run [--class CLASS] [--timeout 30m] [--noop] -- COMMAND",
  summary: "Runs a command on this pull request's newest commit.",
  details: [
    "Everything after `--` stands on the same line and goes to `bash -c` as it is. For a script, leave `-- COMMAND` out and put " +
      "a fenced block directly below the line.",
    "",
    "On a pull request from a fork, or Dependabot's, the run is held until a writer approves its commit: see `/crabbox help approve`.",
    "",
    "Example: `/crabbox run --class large --timeout 1h -- npm test`",
  ],
  flags: [
    ...OPTION_FLAGS,
    { name: "noop", summary: "Only say what would happen, who may, and what it could cost." },
  ],
  takesCommand: true,
  needsBase: true,
  permission: "write",

  parse({ flags, words, command }) {
    const [stray] = words;
    if (stray !== undefined) {
      return {
        ok: false,
        message: `${echo(stray)} stands where only flags may. Put \`--\` before the command: ${echo(`/crabbox run -- ${words.join(" ")}`)}.`,
      };
    }
    if (command === null) {
      return { ok: false, message: "There is no command: put it after `--`, or into a fenced block below." };
    }
    const options = readOptions(flags);
    if (!options.ok) return options;
    return { ok: true, value: { command, asked: options.value, noop: flags.get("noop") === true } };
  },

  async handle(deps, context, request) {
    const refusal = whyNoRun(context.pullRequest);
    if (refusal !== null) return { ok: false, body: refusal };
    const settled = settleOptions(request.asked, deps.limits, deps.providers);
    if (!settled.ok) return { ok: false, body: settled.message };
    const untrusted = await whyNotUntrusted(deps, context, request.asked.provider);
    if (untrusted !== null) return { ok: false, body: untrusted };
    const { options, notes } = settled.value;
    const wanted = newRun(deps, context, request, {
      options: forActor(options, context.actor),
      baseSha: await context.baseTip(),
    });
    if (request.noop) return noop(deps, context, wanted, notes);
    await deps.enqueue(wanted);
    return { ok: true, body: notes.length === 0 ? null : notes.join(" ") };
  },
});

function newRun(
  deps: Pick<CommandDeps, "ids">,
  context: CommandContext,
  request: RunRequest,
  settled: Pick<NewRun, "options" | "baseSha">,
): NewRun {
  const { pullRequest, repository, actor } = context;
  const asked = [request.asked.class, request.asked.provider].filter((name) => name !== undefined);
  return {
    id: deps.ids.run(),
    source: context.source,
    sourceKey: context.sourceKey,
    accountId: repository.accountId,
    repositoryId: repository.id,
    pullRequest: pullRequest.number,
    commentId: context.commentId,
    headSha: pullRequest.headSha,
    checkoutSha: pullRequest.headSha,
    ...settled,
    baseRef: pullRequest.baseRef,
    headRef: pullRequest.headRef,
    headRepositoryId: pullRequest.headRepositoryId,
    actor: actor.login,
    actorId: actor.id,
    checkName: checkName(request.command, asked),
    commandKind: request.command.kind,
    command: request.command.text,
    retryOf: null,
    trustDomain: domainOf(repository.id, pullRequest),
  };
}
