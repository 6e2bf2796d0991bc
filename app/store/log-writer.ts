import { constants } from "node:fs";
import { mkdir, open, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../errors.ts";
import type { AttemptId } from "../ids.ts";
import { logPath, toLogError } from "./log-path.ts";

type OpenLog = { readonly handle: FileHandle; lengthBytes: number };

/** The writing half of the log store; everything about one log happens in turn. */
export type LogWriter = {
  append(id: AttemptId, offset: number, buffers: readonly Buffer[]): Promise<void>;
  sync(id: AttemptId): Promise<void>;
  /** The length while the log is open here, else null: ask the file. */
  openLength(id: AttemptId): number | null;
  /** Closes the log behind what is under way, then does `work` before anything else touches it. */
  closed(id: AttemptId, work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
};

/** Keeps at most `maxOpen` files open beyond those in use; the one used longest ago is closed first. */
export function createLogWriter(dir: string, maxOpen: number): LogWriter {
  /** In the order of their last use. */
  const logs = new Map<AttemptId, OpenLog>();
  const turns = new Map<AttemptId, Promise<unknown>>();
  /** Made by this process, their names not yet synced. */
  const unnamed = new Set<AttemptId>();

  function inTurn<T>(id: AttemptId, work: () => Promise<T>): Promise<T> {
    const path = logPath(dir, id);
    const before = turns.get(id) ?? Promise.resolve();
    const mine = before
      .then(work, work)
      .catch((thrown: unknown) => {
        throw toLogError(thrown, path);
      })
      .finally(() => {
        if (turns.get(id) === mine) turns.delete(id);
      });
    turns.set(id, mine);
    return mine;
  }

  async function opened(id: AttemptId): Promise<OpenLog> {
    const known = logs.get(id);
    if (known !== undefined) {
      logs.delete(id);
      logs.set(id, known);
      return known;
    }
    const log = await openLog(logPath(dir, id));
    if (log.lengthBytes === 0) unnamed.add(id);
    logs.set(id, log);
    await trim();
    return log;
  }

  async function trim(): Promise<void> {
    for (const id of logs.keys()) {
      if (logs.size <= maxOpen) return;
      if (!turns.has(id)) await letGo(id);
    }
  }

  async function letGo(id: AttemptId): Promise<void> {
    const log = logs.get(id);
    logs.delete(id);
    await log?.handle.close();
  }

  return {
    append: (id, offset, buffers) =>
      inTurn(id, async () => {
        const log = await opened(id);
        const rest = unknownPart(log.lengthBytes, offset, buffers);
        if (rest.length === 0) return;
        try {
          log.lengthBytes += await writeAll(log.handle, rest, log.lengthBytes);
        } catch (thrown) {
          // Whatever part was written goes; when even that fails, the file's own length counts at the next opening.
          await log.handle.truncate(log.lengthBytes).catch(() => letGo(id));
          throw thrown;
        }
      }),
    sync: (id) =>
      inTurn(id, async () => {
        const log = await opened(id);
        await log.handle.datasync();
        if (!unnamed.has(id)) return;
        await syncDirectory(dirname(logPath(dir, id)));
        await syncDirectory(dir);
        unnamed.delete(id);
      }),
    openLength: (id) => logs.get(id)?.lengthBytes ?? null,
    closed: (id, work) =>
      inTurn(id, async () => {
        await letGo(id);
        unnamed.delete(id);
        await work();
      }),
    async close() {
      await Promise.allSettled(turns.values());
      for (const id of logs.keys()) await letGo(id);
    },
  };
}

async function openLog(path: string): Promise<OpenLog> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  // Not "a": appending mode ignores the position, which is what keeps a repeated append harmless.
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  const { size } = await handle.stat();
  return { handle, lengthBytes: size };
}

/** What of the buffers, which begin at `offset`, lies beyond `length`. A gap would lose bytes for ever: refused. */
function unknownPart(length: number, offset: number, buffers: readonly Buffer[]): readonly Buffer[] {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > length) {
    throw new AppError(
      "conflict",
      `The log ends at byte ${length}; bytes from ${offset} on do not follow.`,
      "Attach to the task again from the log's length.",
    );
  }
  let known = length - offset;
  const rest: Buffer[] = [];
  for (const buffer of buffers) {
    const skip = Math.min(known, buffer.length);
    known -= skip;
    if (skip < buffer.length) rest.push(skip === 0 ? buffer : buffer.subarray(skip));
  }
  return rest;
}

async function writeAll(handle: FileHandle, buffers: readonly Buffer[], at: number): Promise<number> {
  const total = buffers.reduce((sum, buffer) => sum + buffer.length, 0);
  let written = 0;
  while (written < total) {
    const { bytesWritten } = await handle.writev([...unknownPart(written, 0, buffers)], at + written);
    written += bytesWritten;
  }
  return total;
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
