import type { Readable } from "node:stream";
import type { Task, TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { OfferedCache } from "../../runner-bootstrap/boxd/cache-wire.ts";
import { FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import { readFrames } from "../journal/frames.ts";
import type { Log } from "../log.ts";
import { untilDone, type BlobTraffic } from "../runs/blob-traffic.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";
import { parseCopiedEvent } from "../ssh/events-schema.ts";
import { untilAborted } from "../until-aborted.ts";
import type { LogStore } from "../store/logs.ts";
import type { Attempt, Box, Run } from "../store/rows.ts";
import type { Caches } from "./caches.ts";
import { writtenPlace } from "./places.ts";

export type TrafficDeps = {
  readonly caches: Pick<Caches, "keep" | "open">;
  readonly links: { get(box: Box, signal: AbortSignal): Promise<Pick<BoxLink, "putBlob" | "getBlob">> };
  readonly logs: Pick<LogStore, "read">;
  readonly log: Log;
};

export type TrafficInput = {
  readonly run: Run;
  readonly attempt: Attempt;
  readonly box: Box;
  readonly task: Pick<Task, "caches">;
  /** True when an earlier process may have seen what was saved, and not have filed it. */
  readonly resumed: boolean;
};

type Saved = Extract<TaskEvent, { e: "cache"; at: "saved" }>;

/** At once over one connection; a server of OpenSSH's allows ten sessions. */
const PUTS_MAX = 4;
/** A content that is put again was lost on the way; more often is no accident. */
const PUTS_EACH_MAX = 3;
/** As the box tells. */
const SAVED_MAX = 100;
/** What GitHub keeps for a whole repository. */
const SAVED_MAX_BYTES = 10 * 1024 ** 3;
/** How long a run's end waits for its last entries: the lease has such a margin behind the task's deadline. */
const DONE_MAX_MS = 60_000;

/** Cache entries of one attempt, both ways: one that does not come is a cache miss. Serves what the task offers and nothing else; files what the box saved where the run writes, whatever the box says. */
export function createCacheTraffic(deps: TrafficDeps, input: TrafficInput): BlobTraffic {
  const { run, attempt, box, task } = input;
  const offered = offeredBy(task);
  const over = new AbortController();
  const puts = new Map<string, number>();
  const waiting: OfferedCache[] = [];
  const heard = new Set<string>();
  let heardBytes = 0;
  let putting = 0;
  let filing: Promise<void> = Promise.resolve();

  const lost = (error: unknown, what: string): void => {
    if (!over.signal.aborted) deps.log.info({ err: error, run: run.id, attempt: attempt.id }, what);
  };
  /** A box that stands still in the middle holds nothing here for longer than its attempt. */
  const whenOver = (stream: Readable): (() => void) => {
    const end = (): void => void stream.destroy();
    over.signal.addEventListener("abort", end, { once: true });
    return () => over.signal.removeEventListener("abort", end);
  };
  const put = async (entry: OfferedCache): Promise<void> => {
    const content = await deps.caches.open(run.repositoryId, entry);
    if (content === null) return;
    content.on("error", (error) => lost(error, "a cache entry cannot be read"));
    const stop = whenOver(content);
    try {
      const link = await deps.links.get(box, over.signal);
      await untilAborted(
        over.signal,
        link.putBlob(entry.sha256, entry.sizeBytes, () => content),
      );
    } finally {
      stop();
      content.destroy();
    }
  };
  const putNext = (): void => {
    const entry = putting < PUTS_MAX ? waiting.shift() : undefined;
    if (entry === undefined || over.signal.aborted) return;
    putting += 1;
    void put(entry)
      .catch((error: unknown) => lost(error, "a cache entry was not brought to its box"))
      .finally(() => {
        putting -= 1;
        putNext();
      });
  };
  const want = (sha256: string): void => {
    const entry = offered.get(sha256);
    const times = (puts.get(sha256) ?? 0) + 1;
    if (entry === undefined || times > PUTS_EACH_MAX) return;
    puts.set(sha256, times);
    waiting.push(entry);
    putNext();
  };
  const file = async ({ key, version, sha256, sizeBytes }: Saved): Promise<void> => {
    if (over.signal.aborted) return;
    const name = { place: writtenPlace(run), key, version };
    const kept = await deps.caches.keep(name, { sha256, sizeBytes }, async (target) => {
      const link = await deps.links.get(box, over.signal);
      return link.getBlob(sha256, sizeBytes, target, over.signal);
    });
    deps.log.info({ run: run.id, attempt: attempt.id, key, sizeBytes, kept }, "a cache entry was saved");
  };
  const saved = (event: Saved): void => {
    const name = JSON.stringify([event.key, event.version]);
    if (heard.has(name) || heard.size >= SAVED_MAX || heardBytes + event.sizeBytes > SAVED_MAX_BYTES) return;
    heard.add(name);
    heardBytes += event.sizeBytes;
    filing = filing
      // The second time over another link, should the first have been lost.
      .then(() => file(event).catch(() => file(event)))
      .catch((error: unknown) => lost(error, "a cache entry is lost"));
  };
  const recall = async (): Promise<void> => {
    const read = (offset: number, maxBytes: number) => deps.logs.read(attempt.id, offset, maxBytes);
    for await (const frames of readFrames(read, 0))
      for (const { type, payload, end } of frames) {
        if (end > attempt.logBytes || over.signal.aborted) return;
        const event = type === FRAME.event ? parseCopiedEvent(payload) : null;
        if (event?.e === "cache" && event.at === "saved") saved(event);
      }
  };
  const recalled =
    input.resumed && offered.isServed
      ? recall().catch((error: unknown) => lost(error, "saved cache entries cannot be read again"))
      : null;

  return {
    event(event) {
      if (event.e !== "cache" || !offered.isServed) return;
      if (event.at === "want") want(event.sha256);
      else saved(event);
    },
    async done(signals) {
      if (recalled === null && heard.size === 0) return;
      const all = Promise.resolve(recalled).then(() => filing);
      await untilDone(all, signals, DONE_MAX_MS);
    },
    close: () => over.abort(),
  };
}

function offeredBy({ caches }: Pick<Task, "caches">) {
  const bySha = new Map(
    caches?.scopes.flatMap(({ entries }) => entries).map((entry) => [entry.sha256, entry]),
  );
  return { isServed: caches !== undefined, get: (sha256: string) => bySha.get(sha256) };
}
