import type { Run } from "../../store/rows.ts";
import { defineCommand, type CommandContext } from "../command.ts";
import { findRun } from "../find-run.ts";
import { oneWord } from "../one-word.ts";

/** Runs looked through for those that this very command cancelled before a crash. */
const LOOK_BACK_RUNS = 100;

/** `/crabbox cancel [RUN]`: ends one run, or all unfinished ones of the pull request. */
export const cancel = defineCommand<{ readonly run: string | null }>({
  verb: "cancel",
  usage: "cancel [RUN]",
  summary: "Ends all unfinished runs of this pull request, or the one named.",
  details: ["Boxes stay warm; `/crabbox stop` ends those."],
  flags: [],
  takesCommand: false,
  needsBase: false,
  permission: "write",
  parse: ({ words }) => oneWord(words, (run) => ({ run })),

  async handle(deps, context, { run: typed }) {
    const request = {
      outcome: "cancelled",
      by: context.actor.login,
      reason: `Cancelled by ${context.actor.login}.`,
      cause: context.sourceKey,
    } as const;
    if (typed !== null) {
      const found = await findRun(deps, context, typed);
      if (!found.ok) return { ok: false, body: found.message };
      const asked = isOwnWork(found.run, context) || (await deps.cancelRun(found.run, request));
      return asked
        ? { ok: true, body: null }
        : { ok: false, body: `Run \`${found.run.id}\` has already ended.` };
    }
    const of = { repositoryId: context.repository.id, pullRequest: context.pullRequest.number };
    const recent = await deps.store.runs.ofPullRequest(of.repositoryId, of.pullRequest, LOOK_BACK_RUNS);
    const done = recent.filter((run) => isOwnWork(run, context));
    // Told again after a crash: runs made since the first time are not meant.
    const until = Math.min(...done.map((run) => run.cancel?.at ?? Number.POSITIVE_INFINITY));
    const cancelled = new Set(done.map(({ id }) => id));
    for (const run of await deps.store.runs.unfinished(of)) {
      if (run.createdAt <= until && (await deps.cancelRun(run, request))) cancelled.add(run.id);
    }
    return cancelled.size === 0
      ? { ok: false, body: "No run of this pull request is under way, so nothing was cancelled." }
      : { ok: true, body: cancelled.size === 1 ? "Cancelled 1 run." : `Cancelled ${cancelled.size} runs.` };
  },
});

function isOwnWork(run: Run, context: CommandContext): boolean {
  return run.cancel?.cause === context.sourceKey;
}
