import type { ServerResponse } from "node:http";
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
/** So often it is asked whether the reader of an open stream may still read: what was remembered of GitHub's word ages meanwhile. */
const ASK_MS = 20_000;
/** A browser that does not read the end of its stream by then does not hold up a server that closes. */
const LAST_WORDS_MS = 2000;

export type LogStreams = {
  /**
   * Answers with server-sent events until the browser leaves, the run is done, `mayRead` says no, or `close`. What `mayRead` throws is
   * told, and it is asked again.
   */
  open(request: FastifyRequest, reply: FastifyReply, run: Run, mayRead: () => Promise<boolean>): void;
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
    open(request, reply, run, mayRead) {
      if (readers >= MAX_READERS) {
        throw new AppError("busy", "Too many log pages are open.", "Try again in a minute.");
      }
      const live = watch(run);
      const { raw } = reply;
      reply.hijack();
      raw.writeHead(200, {
        ...PAGE_HEADERS,
        "content-type": "text/event-stream; charset=utf-8",
        "x-accel-buffering": "no",
        // Else the connection would idle on after the end, and hold up a server that closes.
        connection: "close",
      });
      raw.write(`retry: 1000\n\n${live.snapshot()}`);
      readers += 1;
      const reader = readerOf(raw, () => live.snapshot());
      live.add(reader);
      request.raw.socket.setNoDelay(true);
      const left = new AbortController();
      void askAgain(deps, mayRead, left.signal).then((may) => {
        if (!may) reader.end();
      });
      raw.on("close", () => {
        left.abort();
        reader.gone();
        readers -= 1;
        live.remove(reader);
        if (live.readers > 0) return;
        if (watches.get(run.id) === live) watches.delete(run.id);
        live.close();
      });
    },
    close() {
      for (const live of watches.values()) live.close();
    },
  };
}

/** Asks until the answer is no (false) or the reader left (true). */
async function askAgain(
  deps: Pick<LiveDeps, "clock"> & { readonly onFault: (error: unknown) => void },
  mayRead: () => Promise<boolean>,
  left: AbortSignal,
): Promise<boolean> {
  for (;;) {
    await deps.clock.sleep(ASK_MS, left).catch(() => undefined);
    if (left.aborted) return true;
    try {
      if (!(await mayRead())) return false;
    } catch (thrown) {
      deps.onFault(thrown);
    }
  }
}

/** The other side of one response: news are dropped while it is slow, and after its end it has a moment to take the rest. */
function readerOf(raw: ServerResponse, snapshot: () => string): Reader & { gone(): void } {
  let isBehind = false;
  let isOpen = true;
  let ending: NodeJS.Timeout | undefined;
  const message = (text: string): void => {
    if (!isOpen || isBehind) return;
    isBehind = !raw.write(text) && raw.writableLength > MAX_BUFFERED_BYTES;
  };
  const beat = setInterval(() => message(": beat\n\n"), BEAT_MS);
  const shut = (): void => {
    isOpen = false;
    clearInterval(beat);
  };
  raw.on("drain", () => {
    if (!isBehind) return;
    isBehind = false;
    message(snapshot());
  });
  // A connection that breaks is a reader that left: `close` follows.
  raw.on("error", shut);
  return {
    message,
    end() {
      shut();
      raw.end();
      ending = setTimeout(() => raw.destroy(), LAST_WORDS_MS);
    },
    gone() {
      shut();
      clearTimeout(ending);
    },
  };
}
