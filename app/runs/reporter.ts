import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { RunId } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Run } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { coalesce } from "./coalesce.ts";

/** A run that ends sooner is reported once, with its result. */
const FIRST_REPORT_MS = 500;
/** Keeps fifteen live runs of an installation under GitHub's 900 points a minute (a write costs 5). */
const PROGRESS_MS = 5_000;
/** GitHub's longest outages lasted about a day. What it refuses for longer it refuses for good, and the run ends unreported. */
const FINAL_WITHIN_MS = 24 * 3_600_000;
/** Pauses before a final report is tried again; the last repeats. */
const FINAL_PAUSES_MS = [1_000, 5_000, 15_000, 60_000] as const;

export type ReporterDeps = {
  readonly store: Pick<Store, "runs">;
  readonly clock: Clock;
  readonly log: Log;
  readonly postCheck: (run: Run, signal: AbortSignal) => Promise<void>;
  /** The pull request's sticky comment changed too. */
  readonly touchSticky: (repositoryId: number, pullRequest: number) => void;
};

export type Reporter = {
  /** The run changed: its check follows soon, coalesced. */
  touch(runId: RunId): void;
  /** Posts the result, trying for a day until GitHub has it or can never have it. Rejects only when the signal ends the wait. */
  final(runId: RunId, signal: AbortSignal): Promise<void>;
  /** Said in the running check; null takes it back. */
  notice(runId: RunId, text: string | null): void;
  noticeOf(runId: RunId): string | null;
  close(): Promise<void>;
};

/** Brings what runs do to their check runs; the newest state wins. */
export function createReporter(deps: ReporterDeps): Reporter {
  const notices = new Map<RunId, string>();
  const finals = new Set<RunId>();
  const progress = coalesce<RunId>({
    ...deps,
    firstMs: FIRST_REPORT_MS,
    intervalMs: PROGRESS_MS,
    async post(runId, signal) {
      const run = await deps.store.runs.get(runId);
      if (run === null || finals.has(runId) || run.state === "done") return;
      await deps.postCheck(run, signal).catch(ignoreGone(deps.log, runId));
      if (run.pullRequest !== null) deps.touchSticky(run.repositoryId, run.pullRequest);
    },
  });

  async function postFinal(runId: RunId, signal: AbortSignal): Promise<void> {
    const until = deps.clock.now() + FINAL_WITHIN_MS;
    for (let failures = 0; ; failures += 1) {
      signal.throwIfAborted();
      const run = await deps.store.runs.get(runId);
      if (run === null) return;
      try {
        await deps.postCheck(run, signal).catch(ignoreGone(deps.log, runId));
        if (run.pullRequest !== null) deps.touchSticky(run.repositoryId, run.pullRequest);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (deps.clock.now() > until) {
          deps.log.error({ err: error, run: runId, failures }, "a result was never posted: given up");
          return;
        }
        deps.log.warn(
          { err: error, run: runId, failures },
          "a result could not be posted; it is tried again",
        );
        await deps.clock.sleep(FINAL_PAUSES_MS[Math.min(failures, FINAL_PAUSES_MS.length - 1)] ?? 0, signal);
      }
    }
  }

  return {
    touch(runId) {
      if (!finals.has(runId)) progress.touch(runId);
    },
    async final(runId, signal) {
      finals.add(runId);
      try {
        await progress.settle(runId);
        await postFinal(runId, signal);
      } finally {
        finals.delete(runId);
        notices.delete(runId);
      }
    },
    notice(runId, text) {
      if ((notices.get(runId) ?? null) === text) return;
      if (text === null) notices.delete(runId);
      else notices.set(runId, text);
      progress.touch(runId);
    },
    noticeOf: (runId) => notices.get(runId) ?? null,
    close: () => progress.close(),
  };
}

/** Nobody is there to read it any more: that ends the report, not the run. */
function ignoreGone(log: Log, runId: RunId): (thrown: unknown) => void {
  return (thrown) => {
    if (!(thrown instanceof AppError)) throw thrown;
    // Sending the same again would be refused again.
    if (thrown.code === "github_refused") log.error({ err: thrown, run: runId }, "GitHub refused a check");
    else if (thrown.code === "github_gone")
      log.info({ err: thrown, run: runId }, "a check has no place any more");
    else throw thrown;
  };
}
