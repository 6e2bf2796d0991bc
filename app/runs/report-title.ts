import type { TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import { shortLine } from "../clamp.ts";
import { formatDuration } from "../duration.ts";
import { countsText } from "../results/test-results.ts";
import type { Attempt, Lease, Run } from "../store/rows.ts";
import { OUTCOMES } from "./outcome.ts";

/** GitHub's cap on a check's title as reported; it cuts longer ones in the list much earlier. */
export const TITLE_MAX_BYTES = 255;
const NAME_BYTES = 80;
const MINUTE_MS = 60_000;

export type TitleInput = {
  readonly run: Run;
  /** The newest attempt, if any. */
  readonly attempt: Attempt | null;
  readonly lease: Pick<Lease, "class"> | null;
  /** 1 for the next to start; 0 or null when unknown. */
  readonly position: number | null;
  readonly now: number;
};

/** One line that says where the run is or how it ended; plain text, not escaped. Changes at most once a minute while it runs. */
export function runTitle(input: TitleInput): string {
  return shortLine(title(input), TITLE_MAX_BYTES);
}

/** The same without the reason, for where that follows in full. */
export function runHeadline(input: TitleInput): string {
  return runTitle({ ...input, run: { ...input.run, detail: null } });
}

function title(input: TitleInput): string {
  const { run } = input;
  switch (run.state) {
    case "held":
      return "Waiting for an approval";
    case "queued":
      return input.position === null || input.position < 1 ? "Queued" : `Queued, position ${input.position}`;
    case "leasing":
      return run.cancel === null ? "Getting a box" : "Ending";
    case "running":
      return run.cancel === null ? runningTitle(input) : "Ending the command";
    case "reporting":
    case "done":
      return endedTitle(input);
  }
}

function runningTitle({ run, attempt, now }: TitleInput): string {
  const phase = currentPhase(attempt);
  const sinceMs = now - (run.startedAt ?? run.createdAt);
  const time =
    sinceMs < MINUTE_MS ? "" : ` for ${formatDuration(Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS)}`;
  return `Running${time}: ${phase ?? "starting"}`;
}

/** The phase that began and has not ended; null before the first and between two. */
export function currentPhase(attempt: Attempt | null): string | null {
  const open = Object.entries(attempt?.phases ?? {}).find(([, phase]) => phase.ms === undefined);
  return open?.[0] ?? null;
}

function endedTitle(input: TitleInput): string {
  const { run, attempt } = input;
  const outcome = run.outcome ?? "internal";
  const exit = attempt?.exit ?? null;
  switch (outcome) {
    case "succeeded":
      return `Succeeded${after(" in", attempt)}${counted(attempt)}`;
    case "failed":
      if (exit === null && run.options.job !== undefined) return because("The job cannot run", run);
      return exit === null ? OUTCOMES.failed.title : failedTitle(input, exit);
    case "timed_out":
      return `Stopped at its time limit of ${formatDuration(run.options.timeoutMs)}${counted(attempt)}`;
    case "cancelled":
      return run.cancel === null
        ? OUTCOMES.cancelled.title
        : `Cancelled by ${shortLine(run.cancel.by, NAME_BYTES)}`;
    case "refused":
      return run.detail?.message === undefined ? OUTCOMES.refused.title : because("Refused", run);
    case "sync_failed":
      return SYNC_TITLES[exit?.syncReason ?? "other"];
    case "hydrate_failed":
      if (exit === null) return because("The set-up cannot run", run);
      return exit.step === undefined ? OUTCOMES.hydrate_failed.title : `Set-up step failed: ${exit.step}`;
    case "box_lost":
      if (attempt?.executed === false) return "No box could begin the command";
      // Gone without a word: what was heard last was before the command, and what came after nobody knows.
      if (exit === null && attempt?.phases.execute === undefined)
        return "The box was lost; the command may have begun";
      return exit?.why === "box_rebooted" ? "The box restarted during the run" : OUTCOMES.box_lost.title;
    case "skipped":
      return because(OUTCOMES.skipped.title, run);
    case "superseded":
    case "expired":
    case "no_capacity":
    case "over_cap":
    case "internal":
      return OUTCOMES[outcome].title;
  }
}

function because(title: string, { detail }: Run): string {
  return detail?.message === undefined ? title : `${title}: ${detail.message}`;
}

function failedTitle({ attempt, lease }: TitleInput, exit: TaskExit): string {
  if ((exit.oomKills ?? 0) > 0) {
    const larger = lease === null ? null : LARGER[lease.class];
    return `Out of memory${after(" after", attempt)}${larger === null ? "" : `: try --class ${larger}`}`;
  }
  if (exit.diskFull === true) return "The box's disk was full";
  if (exit.conclusion !== undefined)
    return `${exit.step === undefined ? "The job failed" : `Step failed: ${exit.step}`}${after(", after", attempt)}${counted(attempt)}`;
  if (exit.error !== undefined) return "The command could not be started";
  if (exit.signal !== undefined) return `Killed by ${exit.signal}${after(" after", attempt)}`;
  if (exit.code === undefined) return OUTCOMES.failed.title;
  return `Exited with ${exit.code}${after(" after", attempt)}${counted(attempt)}`;
}

/** What its tests say, when they say something. */
function counted(attempt: Attempt | null): string {
  const results = attempt?.phases.collect?.results;
  const counts = results === undefined ? "" : countsText(results);
  return counts === "" ? "" : `: ${counts}`;
}

/** The time of the command alone: what people compare with their own machine. */
function after(word: string, attempt: Attempt | null): string {
  const ms = attempt?.phases.execute?.ms;
  return ms === undefined ? "" : `${word} ${formatDuration(ms)}`;
}

const LARGER = { standard: "large", fast: "large", large: "beast", beast: null } as const;

const SYNC_TITLES = {
  token_refused: "Sync failed: GitHub refused the token",
  commit_missing: "Sync failed: the commit is gone from GitHub",
  network: "Sync failed: the box cannot reach GitHub",
  no_git: "Sync failed: no git on the box",
  disk_full: "Sync failed: the box's disk is full",
  not_clean: "Sync failed: the work tree could not be cleaned",
  head_mismatch: "Sync failed: the box did not prove the commit",
  submodule: "Sync failed: a submodule could not be fetched",
  lfs: "Sync failed: an LFS object could not be fetched",
  other: OUTCOMES.sync_failed.title,
} as const;
