import { formatDuration } from "../duration.ts";
import { formatTime } from "../human.ts";
import type { Attempt, Lease, Repository, Run } from "../store/rows.ts";
import { approveComment, commandSummary } from "./report-commands.ts";
import { runTitle } from "./report-title.ts";

export type StickyInput = {
  readonly repository: Repository;
  /** Newest first, with what their titles need. */
  readonly runs: readonly {
    readonly run: Run;
    readonly attempt: Attempt | null;
    readonly lease: Lease | null;
    readonly position: number | null;
    /** Of its check run; null before there is one. */
    readonly checkUrl: string | null;
    readonly logUrl: string | null;
  }[];
  /** Live ones of this pull request. */
  readonly leases: readonly Lease[];
  /** Newest first, as the store has them. */
  readonly answers: readonly { readonly actor: string; readonly body: string; readonly at: number }[];
  /** GitHub's web base. */
  readonly web: string;
  readonly now: number;
};

export type StickyView = {
  readonly runs: readonly {
    readonly title: string;
    readonly url: string | null;
    readonly sha: string;
    readonly commitUrl: string;
    readonly command: string;
    readonly actor: string;
    readonly logUrl: string | null;
  }[];
  readonly olderRuns: string | null;
  /** The newest run that waits for an approval: what to read and what to comment. */
  readonly held: { readonly sha: string; readonly commitUrl: string; readonly approve: string } | null;
  readonly leases: readonly { readonly slug: string; readonly what: string; readonly until: string }[];
  readonly stopCommand: string;
  readonly answers: readonly { readonly actor: string; readonly at: string; readonly body: string }[];
};

/** A comment is a glance; the rest is behind its links. */
export const STICKY_RUNS_LISTED = 10;
/** So many are counted; beyond that the comment says "or more". */
export const STICKY_RUNS_READ = 30;
const MAX_LEASES = 10;
const MAX_ANSWERS = 3;
const SHORT_SHA = 12;

/** The one comment of a pull request, a pure function of what is stored. */
export function stickyView(input: StickyInput): StickyView {
  const { repository, now } = input;
  const web = `${input.web.replace(/\/$/u, "")}/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`;
  const held = input.runs.find(({ run }) => run.state === "held")?.run;
  const older = input.runs.length - STICKY_RUNS_LISTED;
  return {
    runs: input.runs.slice(0, STICKY_RUNS_LISTED).map((entry) => ({
      title: runTitle({ ...entry, now }),
      url: entry.checkUrl,
      sha: entry.run.checkoutSha.slice(0, SHORT_SHA),
      commitUrl: `${web}/commit/${entry.run.checkoutSha}`,
      command: commandSummary(entry.run),
      actor: entry.run.actor,
      logUrl: entry.logUrl,
    })),
    olderRuns:
      older > 0 ? `and ${older} ${input.runs.length < STICKY_RUNS_READ ? "" : "or more "}older` : null,
    held:
      held === undefined
        ? null
        : {
            sha: held.headSha.slice(0, SHORT_SHA),
            commitUrl: `${web}/commit/${held.headSha}`,
            approve: approveComment(held),
          },
    leases: input.leases.slice(0, MAX_LEASES).map((lease) => ({
      slug: lease.slug,
      what: `${lease.provider}, ${lease.class}, ${stateOf(lease)}`,
      until: until(lease, now),
    })),
    stopCommand: `/crabbox stop ${input.leases[0]?.slug ?? ""}`.trim(),
    answers: input.answers
      .slice(0, MAX_ANSWERS)
      .map(({ actor, body, at }) => ({ actor, body, at: formatTime(at) })),
  };
}

function stateOf(lease: Lease): string {
  if (lease.state === "requested") return "being made";
  return lease.busyAttempt === null ? "idle" : "at work";
}

/** Fixed moments, not time left: the comment must not change with every minute. */
function until(lease: Lease, now: number): string {
  const end = formatTime(Math.max(lease.expiresAt, now));
  return lease.busyAttempt === null && lease.idleSince !== null
    ? `${formatDuration(lease.idleMs)} idle, or ${end}`
    : end;
}
