import { fromHead, taskSecretNotes } from "../hydrate/secrets-grants.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { LogTail } from "../journal/tail.ts";
import { remarkRows, resultsView, summaryViews } from "../results/results-view.ts";
import type { RemarkRow, ResultsView, SummaryView } from "../results/results-view.ts";
import { artifactsView, type ArtifactsView } from "../artifacts/artifacts-view.ts";
import type { Artifact } from "../store/artifact-rows.ts";
import type { Attempt, Box, Lease, Repository, Run, RunOptions } from "../store/rows.ts";
import { OUTCOMES } from "./outcome.ts";
import type { Conclusion } from "./outcome.ts";
import { approveComment, byHand, commandSummary, isCommandCut, reproduceComment } from "./report-commands.ts";
import { costText, notes, phaseRows, setUpText } from "./report-facts.ts";
import { stepRows, type StepRow } from "./report-steps.ts";
import type { PhaseRow } from "./report-facts.ts";
import { runHeadline, runTitle } from "./report-title.ts";

/** All that the report of one run is made from. */
export type CheckRunInput = {
  readonly run: Run;
  readonly repository: Repository;
  /** In order of n; the last one counts. */
  readonly attempts: readonly Attempt[];
  /** Of the last attempt, or the one being got. */
  readonly lease: Lease | null;
  readonly box: Box | null;
  /** From `runs.position`; null when it was not asked for. */
  readonly position: number | null;
  /** The log's end, once there is one to show. */
  readonly logTail: LogTail | null;
  /** Something to say while it runs, such as a box that cannot be reached. */
  readonly notice: string | null;
  /** What the server takes when a command names nothing; `provider` its default provider. */
  readonly defaults: RunOptions;
  readonly links: {
    /** GitHub's web base, `https://github.com`. */
    readonly web: string;
    /** The log page; null when there is none. */
    readonly log: string | null;
  };
  readonly artifacts: readonly Artifact[];
  readonly now: number;
};

export type LinkView = { readonly label: string; readonly url: string };

/** Plain values; escaping is the templates' business. */
export type CheckRunView = {
  readonly title: string;
  readonly status: "queued" | "in_progress" | "completed";
  /** Null while it is not completed. */
  readonly conclusion: Conclusion | null;
  readonly headline: string;
  readonly message: string | null;
  readonly notice: string | null;
  readonly next: string | null;
  /** The comment that lets a held run start, ready to paste; null when nothing is held. */
  readonly approve: string | null;
  readonly command: string;
  readonly commit: { readonly sha: string; readonly url: string; readonly ref: string };
  readonly pullRequest: LinkView | null;
  readonly actor: { readonly login: string; readonly url: string | null; readonly how: string };
  readonly box: { readonly slug: string; readonly what: string; readonly containment: string | null } | null;
  readonly wantedBox: string;
  readonly setUp: string | null;
  readonly cost: string;
  readonly logUrl: string | null;
  readonly downloadUrl: string | null;
  readonly runId: string;
  readonly retryOf: string | null;
  readonly phases: readonly PhaseRow[];
  readonly steps: readonly StepRow[];
  /** What one of them is called. */
  readonly stepTitle: string;
  readonly results: ResultsView | null;
  readonly artifacts: ArtifactsView | null;
  readonly remarks: readonly RemarkRow[];
  readonly summaries: readonly SummaryView[];
  readonly notes: readonly string[];
  readonly repository: string;
  readonly reproduce: string;
  readonly reproduceCut: boolean;
  readonly byHand: string;
  /** The log's end; null when there is none. */
  readonly log: string | null;
  /** Said in its place. */
  readonly empty: string;
};

/** The report of one run, a pure function of what is stored. */
export function checkRunView(input: CheckRunInput): CheckRunView {
  const { run, repository, attempts, lease, box, now } = input;
  const attempt = attempts.at(-1) ?? null;
  const ended = run.state === "done" || run.state === "reporting";
  const held = run.state === "held";
  const outcome = ended ? (run.outcome ?? "internal") : null;
  const web = `${input.links.web.replace(/\/$/u, "")}/${encodeURIComponent(repository.owner)}/${encodeURIComponent(repository.name)}`;
  const pullUrl = run.pullRequest === null ? null : `${web}/pull/${run.pullRequest}`;
  const about = { run, attempt, lease, position: input.position, now };
  const log = input.logTail === null || input.logTail.text.trim() === "" ? null : tailText(input.logTail);
  return {
    title: runTitle(about),
    status: ended || held ? "completed" : run.state === "queued" ? "queued" : "in_progress",
    // A held run has no outcome yet; only so does GitHub show that somebody must act.
    conclusion: held ? "action_required" : outcome === null ? null : OUTCOMES[outcome].conclusion,
    headline: runHeadline(about),
    message: run.detail?.message ?? (held ? HELD_MESSAGE : null),
    notice: ended ? null : input.notice,
    next: outcome === null || outcome === "succeeded" ? null : (run.detail?.hint ?? OUTCOMES[outcome].next),
    approve: held ? approveComment(run) : null,
    command: commandSummary(run),
    commit: { sha: run.checkoutSha, url: `${web}/commit/${run.checkoutSha}`, ref: refText(run) },
    pullRequest: pullUrl === null ? null : { label: `pull request ${run.pullRequest}`, url: pullUrl },
    actor: {
      login: run.actor,
      url: run.commentId === null || pullUrl === null ? null : `${pullUrl}#issuecomment-${run.commentId}`,
      how: HOW[run.source],
    },
    box:
      lease === null
        ? null
        : {
            slug: lease.slug,
            what: boxText(run, lease, box),
            containment: attempt?.exit?.rung === undefined ? null : containment(attempt.exit.rung),
          },
    wantedBox: `none yet; class ${run.options.class} wanted`,
    setUp: setUpText(run, attempt, box),
    cost: costText(attempts, box, now),
    logUrl: input.links.log,
    downloadUrl: input.links.log === null ? null : `${input.links.log}/download`,
    runId: run.id,
    retryOf: run.retryOf,
    phases: phaseRows(run, attempt, now),
    steps: stepRows(attempt),
    stepTitle: run.options.job === undefined ? "Set-up step" : "Step",
    results: resultsView(attempt, `${web}/blob/${run.checkoutSha}`),
    artifacts: outcome === null ? null : artifactsView(input.artifacts, attempt, input.links.log),
    remarks: remarkRows(attempt, `${web}/blob/${run.checkoutSha}`),
    summaries: summaryViews(attempt),
    notes: [
      ...(isUntrusted(run.trustDomain) ? [UNTRUSTED_NOTE] : []),
      ...(run.options.stepsFrom === "head" ? [fromHead(run.headSha)] : []),
      ...taskSecretNotes(attempt?.task ?? {}),
      ...(run.options.notes ?? []),
      ...notes(attempts, lease),
    ],
    repository: `${repository.owner}/${repository.name}`,
    reproduce: reproduceComment(run, input.defaults),
    reproduceCut: isCommandCut(run),
    byHand: byHand(run, repository, input.links.web, workflowOf(attempt)),
    log,
    empty: attempt === null ? "No output: the command was not started." : "No output.",
  };
}

const HELD_MESSAGE =
  "This code comes from a fork or from Dependabot, so nothing runs before a writer has read the commit and approved it.";
const UNTRUSTED_NOTE =
  "The code comes from a fork or from Dependabot: it gets no secrets and a box of its own. Read it before you run it by hand.";

const HOW = {
  comment: "by a comment",
  button: "by a button of a check",
  rerun: "by GitHub's Re-run",
  push: "by a push to the pull request",
  label: "by a label",
} as const;

/** Of a whole job, as its task has it. */
function workflowOf(attempt: Attempt | null): string | null {
  return attempt?.task?.job?.jobs.frame.top.path ?? null;
}

function boxText(run: Run, lease: Lease, box: Box | null): string {
  const type = box?.type ?? null;
  const warm = lease.purpose === "run" ? "warm, used before" : "warm";
  const reused = run.startedAt !== null && lease.createdAt < run.startedAt ? warm : "new";
  return [`provider ${lease.provider}`, `class ${lease.class}`, type === null ? "" : `type ${type}`, reused]
    .filter((part) => part !== "")
    .join(", ");
}

/** What the commit is: a branch's head, or the merge of one into its base. */
function refText({ checkoutSha, headSha, headRef, baseRef }: Run): string {
  return checkoutSha === headSha ? headRef : `${headRef} (${headSha.slice(0, 12)}) merged into ${baseRef}`;
}

function containment(rung: string): string {
  return rung === "best-effort" ? "best effort" : rung;
}

function tailText(tail: LogTail): string {
  return tail.beforeBytes === 0
    ? tail.text
    : `[… ${tail.beforeBytes} bytes before this are in the log …]\n${tail.text}`;
}
