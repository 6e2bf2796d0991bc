import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../errors.ts";
import type { RunId } from "../ids.ts";
import type { Run } from "../store/rows.ts";
import { watchRun } from "./live-log.ts";
import type { LiveDeps, LiveLog, Reader } from "./live-log.ts";
import { PAGE_HEADERS } from "./page-headers.ts";

/** Open pages at once, of all runs. */
const MAX_READERS = 2000;
/** What waits for a slow browser; past it news are dropped, and it gets a snapshot when it is ready. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** Below the idle limits of common proxies (60 s). */
const BEAT_MS = 20_000;

export type LogStreams = {
  /** Answers with server-sent events until the browser leaves, the run is done, or `close`. */
  open(request: FastifyRequest, reply: FastifyReply, run: Run): void;
  close(): void;
};

/** All open streams; those of one run share one watch. */
export function createStreams(
  deps: Omit<LiveDeps, "onEnd"> & { readonly onFault: (error: unknown) => void },
): LogStreams {
  const watches = new Map<RunId, LiveLog>();
  let readers = 0;

  const watch = (run: Run): LiveLog => {
    const known = watches.get(run.id);
    if (known !== undefined) return known;
    const made = watchRun(
      {
        ...deps,
        onEnd(fault) {
          if (watches.get(run.id) === made) watches.delete(run.id);
          if (fault !== null) deps.onFault(fault);
        },
      },
      run,
    );
    watches.set(run.id, made);
    return made;
  };

  return {
    open(request, reply, run) {
      if (readers >= MAX_READERS) {
        throw new AppError("busy", "Too many log pages are open.", "Try again in a minute.");
      }
      readers += 1;
      const live = watch(run);
      const { raw } = reply;
      reply.hijack();
      raw.writeHead(200, {
        ...PAGE_HEADERS,
        "content-type": "text/event-stream; charset=utf-8",
        "x-accel-buffering": "no",
      });
      raw.write(`retry: 1000\n\n${live.snapshot()}`);
      let isBehind = false;
      const reader: Reader = {
        message(text) {
          if (isBehind) return;
          isBehind = !raw.write(text) && raw.writableLength > MAX_BUFFERED_BYTES;
        },
        end: () => void raw.end(),
      };
      raw.on("drain", () => {
        if (!isBehind) return;
        isBehind = false;
        reader.message(live.snapshot());
      });
      const beat = setInterval(() => reader.message(": beat\n\n"), BEAT_MS);
      live.add(reader);
      request.raw.socket.setNoDelay(true);
      raw.on("close", () => {
        clearInterval(beat);
        readers -= 1;
        live.remove(reader);
        if (live.readers === 0) {
          if (watches.get(run.id) === live) watches.delete(run.id);
          live.close();
        }
      });
    },
    close() {
      for (const live of watches.values()) live.close();
    },
  };
}
