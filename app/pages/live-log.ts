import type { Clock } from "../clock.ts";
import type { Attempt, Run } from "../store/rows.ts";
import { readRows } from "../journal/rows.ts";
import type { IndexedLog } from "./attempt-indexes.ts";
import type { LogDeps } from "./log-access.ts";
import { runStatus } from "./run-status.ts";
import type { StatusOf } from "./run-status.ts";
import { eventText } from "./sse.ts";

/** One browser. It may drop what it cannot take, and ask for a `snapshot` once it can. */
export type Reader = {
  message(text: string): void;
  /** Called once, after the last message. */
  end(): void;
};

/** One run's live state: one look at the store and the log for all who watch. */
export type LiveLog = {
  readonly readers: number;
  /** All there is to know now, without lines; for one who begins or fell behind. */
  snapshot(): string;
  add(reader: Reader): void;
  remove(reader: Reader): void;
  /** Ends it and every reader. */
  close(): void;
};

export type LiveDeps = Pick<LogDeps, "store" | "clock" | "onLog" | "onRun"> & {
  readonly indexed: (attemptId: Attempt["id"]) => IndexedLog;
  /** Called once, when there is nothing more to watch; with the fault, when it ended by one. */
  readonly onEnd: (fault: unknown) => void;
};

/** News are gathered this long: a screen shows no more than ten states a second. */
const GATHER_MS = 100;
/** Also looked at without news, for changes that nobody announced, and for durations. */
const LOOK_MS = 2000;
/** A turn of indexing, so that a page that opens on a large log shows its growth. */
const EXTEND_BYTES = 16 * 1024 * 1024;
/** New lines travel with the news when they are few; else browsers fetch those they show. */
const PUSHED_ROWS = 200;
const PUSHED_BYTES = 128 * 1024;

/** Watches `run` until `close`. */
export function watchRun(deps: LiveDeps, run: Run): LiveLog {
  const readers = new Set<Reader>();
  const stop = new AbortController();
  let current: StatusOf | null = null;
  let log: IndexedLog | null = null;
  let unlisten: (() => void) | null = null;
  let statusText = "";
  let sent = { rows: 0, from: 0, offset: -1 };
  let wake: (() => void) | null = null;
  let news = true;

  const notice = (): void => {
    news = true;
    wake?.();
  };
  const broadcast = (text: string): void => {
    for (const reader of readers) reader.message(text);
  };
  const logText = (lines: readonly unknown[] | null): string => {
    if (log === null || current === null) return "";
    const { index } = log;
    const n = current.attempt?.n ?? 0;
    const data = { attempt: n, rows: index.rows, open: index.openRow, ...(lines === null ? {} : { lines }) };
    return eventText("log", data, `${n}.${index.offset}`);
  };

  async function lookAtRun(): Promise<void> {
    const next = await runStatus(deps, run.id);
    if (next === null) return;
    if (next.attempt !== null && next.attempt.id !== current?.attempt?.id) {
      unlisten?.();
      unlisten = deps.onLog(next.attempt.id, notice);
      log = deps.indexed(next.attempt.id);
      sent = { rows: 0, from: 0, offset: -1 };
    }
    current = next;
    const text = eventText("status", next.status, null);
    if (text !== statusText) broadcast((statusText = text));
  }

  async function lookAtLog(): Promise<boolean> {
    if (log === null) return true;
    const { read, index } = log;
    const ended = await index.extend(EXTEND_BYTES);
    if (index.offset === sent.offset) return ended;
    const count = index.rows - sent.from;
    const rows = ended && count <= PUSHED_ROWS ? await readRows(read, index, sent.from, count) : null;
    const whole = rows !== null && rows.length === count && JSON.stringify(rows).length <= PUSHED_BYTES;
    broadcast(logText(whole ? rows : null));
    sent = { rows: index.rows, from: index.openRow ?? index.rows, offset: index.offset };
    return ended;
  }

  async function loop(): Promise<void> {
    while (!stop.signal.aborted) {
      news = false;
      await lookAtRun();
      const caughtUp = await lookAtLog();
      if (current?.status.done === true && caughtUp) {
        broadcast(eventText("end", {}, null));
        return;
      }
      if (!caughtUp) continue;
      await pause(deps.clock, GATHER_MS, stop.signal);
      if (news) continue;
      await Promise.race([
        new Promise<void>((resolve) => (wake = resolve)),
        pause(deps.clock, LOOK_MS, stop.signal),
      ]);
    }
  }

  function finish(fault: unknown): void {
    stop.abort();
    unlisten?.();
    unlistenRun();
    for (const reader of readers) reader.end();
    readers.clear();
    deps.onEnd(fault);
  }

  const unlistenRun = deps.onRun(run.id, notice);
  loop().then(() => finish(null), finish);
  return {
    get readers() {
      return readers.size;
    },
    snapshot: () => `${statusText}${logText(null)}`,
    add: (reader) => void readers.add(reader),
    remove: (reader) => void readers.delete(reader),
    close() {
      stop.abort();
      notice();
    },
  };
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await clock.sleep(ms, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}
