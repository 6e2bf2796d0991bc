import { defineCommand } from "../command.ts";
import { findRun } from "../find-run.ts";
import { oneWord } from "../one-word.ts";

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
    } as const;
    if (typed !== null) {
      const found = await findRun(deps, context, typed);
      if (!found.ok) return { ok: false, body: found.message };
      const asked = await deps.cancelRun(found.run, request);
      return asked
        ? { ok: true, body: null }
        : { ok: false, body: `Run \`${found.run.id}\` has already ended.` };
    }
    const runs = await deps.store.runs.unfinished({
      repositoryId: context.repository.id,
      pullRequest: context.pullRequest.number,
    });
    let cancelled = 0;
    for (const run of runs) if (await deps.cancelRun(run, request)) cancelled++;
    return cancelled === 0
      ? { ok: false, body: "No run of this pull request is under way, so nothing was cancelled." }
      : { ok: true, body: cancelled === 1 ? "Cancelled 1 run." : `Cancelled ${cancelled} runs.` };
  },
});
