import { cellCode } from "../../clamp.ts";
import { formatDuration } from "../../duration.ts";
import { OUTCOMES } from "../../runs/outcome.ts";
import type { Lease, Run } from "../../store/rows.ts";
import { defineCommand, type CommandDeps } from "../command.ts";
import { leasesOf } from "../leases-of.ts";
import { oneWord } from "../one-word.ts";

/** Newest runs listed. */
const MAX_RUNS_SHOWN = 10;
/** Boxes listed; more are counted. */
const MAX_LEASES_SHOWN = 10;
/** Longest part of a command that a row repeats. */
const COMMAND_BYTES = 60;

/** `/crabbox status`: runs, places in the queue and boxes of the pull request. */
export const status = defineCommand<null>({
  verb: "status",
  usage: "status",
  summary: "Shows the runs and boxes of this pull request.",
  details: [],
  flags: [],
  takesCommand: false,
  needsBase: false,
  permission: "write",

  parse({ words }) {
    const none = oneWord(words, (word) => word);
    if (!none.ok || none.value === null) return none.ok ? { ok: true, value: null } : none;
    return { ok: false, message: "`status` shows this pull request and takes no name." };
  },

  async handle(deps, context) {
    const { repository, pullRequest } = context;
    const [runs, leases] = await Promise.all([
      deps.store.runs.ofPullRequest(repository.id, pullRequest.number, MAX_RUNS_SHOWN),
      leasesOf(deps, repository.id, pullRequest.number),
    ]);
    const rows = await Promise.all(runs.map((run) => runRow(deps, run)));
    const runTable = ["| Run | Command | Commit | State |", "| --- | --- | --- | --- |", ...rows];
    const leaseTable = ["| Box | Class | State |", "| --- | --- | --- |", ...leaseRows(deps, leases)];
    return {
      ok: true,
      body: [
        ...(runs.length === 0 ? ["No runs yet. Start one with `/crabbox run -- COMMAND`."] : runTable),
        "",
        ...(leases.length === 0 ? ["No boxes."] : leaseTable),
      ].join("\n"),
    };
  },
});

async function runRow(deps: CommandDeps, run: Run): Promise<string> {
  const command = cellCode(run.command, COMMAND_BYTES);
  return `| \`${run.id}\` | ${command} | \`${run.headSha.slice(0, 10)}\` | ${await stateOf(deps, run)} |`;
}

async function stateOf(deps: CommandDeps, run: Run): Promise<string> {
  const since = formatDuration(deps.clock.now() - (run.startedAt ?? run.createdAt));
  switch (run.state) {
    case "held":
      return "waits for an approval";
    case "queued": {
      const position = await deps.store.runs.position(run.id);
      return position > 0 ? `queued, number ${position}, for ${since}` : `queued for ${since}`;
    }
    case "leasing":
      return `getting a box for ${since}`;
    case "running":
      return run.cancel === null ? `running for ${since}` : "being cancelled";
    case "reporting":
      return "reporting";
    case "done":
      return run.outcome === null ? "done" : OUTCOMES[run.outcome].title;
  }
}

function leaseRows(deps: CommandDeps, leases: readonly Lease[]): readonly string[] {
  const now = deps.clock.now();
  const rows = leases.slice(0, MAX_LEASES_SHOWN).map((lease) => {
    const left = formatDuration(lease.expiresAt - now);
    const busy = lease.busyAttempt === null ? "idle" : "busy";
    const early = lease.state === "requested" ? "being made" : lease.state;
    const state = lease.state === "active" ? `${busy}, ends in ${left} at the latest` : early;
    return `| \`${lease.slug}\` (\`${lease.id}\`) | ${lease.class} from ${cellCode(lease.provider, COMMAND_BYTES)} | ${state} |`;
  });
  const more = leases.length - MAX_LEASES_SHOWN;
  return more > 0 ? [...rows, `| and ${more} more | | |`] : rows;
}
