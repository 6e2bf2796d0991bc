import { open, readdir, rm, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { AttemptId } from "../ids.ts";
import { isMissing, logPath, toLogError } from "./log-path.ts";
import { createLogWriter } from "./log-writer.ts";

/** Files kept open for writing; far below the usual limit of 1,024 a process, far above the runs of one server. */
const OPEN_MAX = 64;
/** The most that one read answers, whatever was asked: what a page may cost in memory. */
const READ_MAX_BYTES = 1024 * 1024;
/** One piece of a stream. */
const STREAM_CHUNK_BYTES = 256 * 1024;

/**
 * The App's copies of the boxes' journals: a file an attempt, only ever growing, byte for byte what the box sent. `append` answers
 * when the bytes are written, not yet when they would survive a power cut: until `sync` has answered, the journal on the box is the
 * truth, so call `sync` before telling a box that it may forget. Failures: `disk_full` (the log stays as it was) or `store_failed`.
 */
export type LogStore = {
  /**
   * Bytes that begin at `offset` of the journal. What of them is there already is passed over; bytes beyond the end (a gap) are an
   * AppError `conflict`. Appends to one log happen in the order they were asked for. Safe to repeat.
   */
  append(id: AttemptId, offset: number, buffers: readonly Buffer[]): Promise<void>;
  /** Bytes of the copy; 0 when there is none. */
  length(id: AttemptId): Promise<number>;
  /** Everything appended before is on disk when it answers. */
  sync(id: AttemptId): Promise<void>;
  /** At most `maxBytes` (and never more than 1 MiB) from `offset`; fewer at the end, none beyond it. */
  read(id: AttemptId, offset: number, maxBytes: number): Promise<Buffer>;
  /** As `read`, for who reads a log through: opened once, up to the end as it is then. */
  readThrough<T>(
    id: AttemptId,
    work: (read: (offset: number, maxBytes: number) => Promise<Buffer>) => Promise<T>,
  ): Promise<T>;
  /** From `from` to the end as it is when the stream begins, in pieces; memory stays flat. */
  stream(id: AttemptId, from: number): AsyncIterable<Buffer>;
  /** Safe to repeat. Streams under way still end well. */
  remove(id: AttemptId): Promise<void>;
  usage(): Promise<{ readonly files: number; readonly sizeBytes: number }>;
  /** Waits for the appends under way. */
  close(): Promise<void>;
};

/** The log store in `dir`, which is made when the first log is. */
export function createLogStore(dir: string): LogStore {
  const writer = createLogWriter(dir, OPEN_MAX);

  async function length(id: AttemptId): Promise<number> {
    return writer.openLength(id) ?? (await sizeOf(logPath(dir, id)));
  }

  /** Null when there is no such log. Its `end` leaves out an append under way, which may still be taken back. */
  async function openForReading(id: AttemptId): Promise<{ handle: FileHandle; end: number } | null> {
    const path = logPath(dir, id);
    try {
      const handle = await open(path, "r");
      return { handle, end: writer.openLength(id) ?? (await handle.stat()).size };
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw toLogError(thrown, path);
    }
  }

  const readThrough: LogStore["readThrough"] = async (id, work) => {
    const log = await openForReading(id);
    if (log === null) return work(() => Promise.resolve(Buffer.alloc(0)));
    const { handle, end } = log;
    try {
      return await work(async (offset, maxBytes) => {
        const size = Math.min(maxBytes, READ_MAX_BYTES, end - offset);
        return size <= 0 ? Buffer.alloc(0) : readAt(handle, offset, size);
      });
    } finally {
      await handle.close();
    }
  };

  return {
    append: (id, offset, buffers) => writer.append(id, offset, buffers),
    sync: (id) => writer.sync(id),
    length,
    readThrough,
    read: (id, offset, maxBytes) => readThrough(id, (read) => read(offset, maxBytes)),
    async *stream(id, from) {
      const log = await openForReading(id);
      if (log === null) return;
      try {
        for (let at = from; at < log.end;) {
          const chunk = await readAt(log.handle, at, Math.min(STREAM_CHUNK_BYTES, log.end - at));
          if (chunk.length === 0) return;
          at += chunk.length;
          yield chunk;
        }
      } finally {
        await log.handle.close();
      }
    },
    remove: (id) => writer.closed(id, () => rm(logPath(dir, id), { force: true })),
    async usage() {
      let files = 0;
      let sizeBytes = 0;
      for (const directory of await namesIn(dir)) {
        for (const name of await namesIn(join(dir, directory))) {
          sizeBytes += await sizeOf(join(dir, directory, name));
          files += 1;
        }
      }
      return { files, sizeBytes };
    },
    close: () => writer.close(),
  };
}

async function readAt(handle: FileHandle, offset: number, size: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(size), 0, size, offset);
  return buffer.subarray(0, bytesRead);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (isMissing(thrown)) return 0;
    throw toLogError(thrown, path);
  }
}

async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return await readdir(path);
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw toLogError(thrown, path);
  }
}
