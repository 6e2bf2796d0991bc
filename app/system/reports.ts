import { keepForMs } from "../leases/keep.ts";
import { readTail, type LogTail } from "../journal/tail.ts";
import { createRenderer } from "../render.ts";
import { coalesce } from "../runs/coalesce.ts";
import { createLogLinker } from "../runs/log-link.ts";
import { postButtons } from "../runs/post-buttons.ts";
import { postCheck } from "../runs/post-check.ts";
import { postSticky } from "../runs/post-sticky.ts";
import { createReporter } from "../runs/reporter.ts";
import type { Settings } from "../settings.ts";
import { stateKey } from "../state-dir.ts";
import type { Attempt, RunOptions } from "../store/rows.ts";
import type { Edges } from "./edges.ts";

/** Waited before the comment is touched, so that a comment's several commands make one edit. */
const STICKY_FIRST_MS = 500;
const STICKY_INTERVAL_MS = 3_000;
/** A check's text takes 64 KiB with its frame around it. */
const TAIL_BYTES = 48 * 1024;
/** Larger logs of a run at work are for the live page: reading them whole for each report would cost more than it shows. */
const LIVE_TAIL_MAX_BYTES = 4 * 1024 * 1024;

/** What people read: check runs and the sticky comment. */
export type Reports = ReturnType<typeof createReports>;

/** Builds what writes to GitHub and the pages. */
export function createReports(edges: Edges, settings: Settings) {
  const { clock, log, store, logs, github, outside, where } = edges;
  const render = createRenderer();
  const linker = createLogLinker({
    store,
    clock,
    key: stateKey(settings.stateDir, "log-link.key"),
    publicUrl: settings.publicUrl,
    ttlMs: settings.logs.linkTtl,
    hasRunPages: settings.login !== null,
  });
  const shared = {
    store,
    outside,
    clock,
    where,
    render,
    webUrl: settings.github.webUrl,
    logUrl: ({ id }: { readonly id: `run_${string}` }) => linker.url(id),
  };
  const sticky = coalesce<string>({
    clock,
    log,
    firstMs: STICKY_FIRST_MS,
    intervalMs: STICKY_INTERVAL_MS,
    async post(key, signal) {
      const [repositoryId = 0, pullRequest = 0] = key.split("#").map(Number);
      await postSticky({ ...shared, comments: github.comments }, repositoryId, pullRequest, signal);
    },
  });
  const touchSticky = (repositoryId: number, pullRequest: number) =>
    sticky.touch(`${repositoryId}#${pullRequest}`);
  const keepMs = keepForMs(settings.limits.ttl);
  const buttons = coalesce<`run_${string}`>({
    clock,
    log,
    firstMs: STICKY_FIRST_MS,
    intervalMs: STICKY_INTERVAL_MS,
    post: (runId, signal) =>
      postButtons({ store, where, checkButtons: github.checkButtons, keepMs }, runId, signal),
  });
  /** Of the attempt reported last: its check is written twice once it has ended, and its log may be a gigabyte. */
  let ended: { readonly of: string; readonly tail: Promise<LogTail> } | null = null;
  const tail = async (attempt: Attempt): Promise<LogTail | null> => {
    const sizeBytes = await logs.length(attempt.id);
    if (sizeBytes === 0 || (attempt.state !== "ended" && sizeBytes > LIVE_TAIL_MAX_BYTES)) return null;
    const of = `${attempt.id} ${sizeBytes}`;
    if (ended?.of === of) return ended.tail;
    const read = logs.readThrough(attempt.id, (bytes) => readTail(bytes, TAIL_BYTES));
    if (sizeBytes <= LIVE_TAIL_MAX_BYTES) return read;
    ended = { of, tail: read };
    read.catch(() => (ended = null));
    return read;
  };
  const reporter = createReporter({
    store,
    clock,
    log,
    touchSticky,
    postCheck: (run, signal) =>
      postCheck(
        {
          ...shared,
          checkRuns: github.checkRuns,
          changes: github.changes,
          logTail: tail,
          notice: ({ id }) => reporter.noticeOf(id),
          artifacts: edges.kept.artifacts,
          defaults: defaultOptions(settings),
          keepMs,
        },
        run,
        signal,
      ),
  });
  return {
    render,
    linker,
    reporter,
    touchSticky,
    /** A box is gone: the button that keeps it goes from the check of the run that used it last. */
    async boxGone(leaseId: Attempt["leaseId"]) {
      const last = (await store.attempts.ofLease(leaseId)).at(-1);
      if (last !== undefined) buttons.touch(last.runId);
    },
    async close() {
      await Promise.all([reporter.close(), sticky.close(), buttons.close()]);
    },
  };
}

/** What a run gets when its command names nothing. */
export function defaultOptions(settings: Settings): RunOptions {
  const { provider, timeout, ttl, idle } = settings.defaults;
  return { class: settings.defaults.class, provider, timeoutMs: timeout, ttlMs: ttl, idleMs: idle };
}
