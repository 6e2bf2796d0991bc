import { defineCommand } from "../command.ts";
import { findRun } from "../find-run.ts";
import { oneWord } from "../one-word.ts";
import { rerun } from "../rerun.ts";

/** Runs looked through for the newest finished one; a longer list of unfinished ones the queue does not hold. */
const LOOK_BACK_RUNS = 100;

/** `/crabbox retry [RUN]`: the same command on the same commit again. */
export const retry = defineCommand<{ readonly run: string | null }>({
  verb: "retry",
  usage: "retry [RUN]",
  summary: "Runs the same command on the same commit again: the newest finished run, or the one named.",
  details: [],
  flags: [],
  takesCommand: false,
  needsBase: false,
  heedsFile: true,
  permission: "write",
  parse: ({ words }) => oneWord(words, (run) => ({ run })),

  async handle(deps, context, { run: typed }) {
    if (typed !== null) {
      const found = await findRun(deps, context, typed);
      return found.ok ? rerun(deps, context, found.run) : { ok: false, body: found.message };
    }
    const runs = await deps.store.runs.ofPullRequest(
      context.repository.id,
      context.pullRequest.number,
      LOOK_BACK_RUNS,
    );
    // Told twice, the run made the first time must not count as the newest one.
    const newest = runs.find(({ state, sourceKey }) => state === "done" && sourceKey !== context.sourceKey);
    if (newest === undefined) {
      return {
        ok: false,
        body: "No run of this pull request has ended yet, so there is nothing to repeat. Start one with `/crabbox run -- COMMAND`.",
      };
    }
    return rerun(deps, context, newest);
  },
});
