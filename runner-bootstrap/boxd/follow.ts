/** The journal from an offset to stdout, until the task's end or until nobody listens any more. */

import { closeSync, existsSync, fstatSync, openSync, readSync, watch, writeSync } from "node:fs";
import { join } from "node:path";

import { FRAME, FRAME_HEADER_BYTES, encodeFrame, isJournalHeader, readFrameHeader } from "./frame.ts";
import type { Layout } from "./layout.ts";
import { taskDir } from "./layout.ts";
import { errno } from "./once.ts";
import { createPacker, PACKED_MAX_BYTES } from "./packed.ts";
import { connectSupervisor, readExit, settle } from "./state.ts";

/** Larger reads win nothing (64 KiB to 1 MiB measured equal); holds at least one frame whole. */
const COPY_BYTES = PACKED_MAX_BYTES;
/** So that a link that is silently gone is noticed from both ends. */
const BEAT_MS = 15_000;
/** A claimed task without a supervisor is looked at again until it is old enough to be settled. */
const LOOK_AGAIN_MS = 1_000;
/** While the reader on the other side is slow and the descriptor does not block. */
const RETRY_WRITE_MS = 2;

export type FollowEnd = "complete" | "absent" | "reader_gone";

/**
 * Sends whole frames only: what is torn is not part of the journal. At the task's end sends 0x80 with the exit
 * record. A task whose supervisor dies meanwhile is settled here. Ends when `readerGone` resolves.
 */
export async function follow(
  layout: Layout,
  id: string,
  offset: number,
  readerGone: Promise<void>,
): Promise<FollowEnd> {
  const dir = taskDir(layout, id);
  if (!existsSync(dir)) return "absent";
  let wake = (): void => undefined;
  const watcher = watch(dir, () => wake());
  const beat = setInterval(
    () => writeOut(encodeFrame({ type: FRAME.beat, ms: Date.now(), payload: Buffer.alloc(0) })),
    BEAT_MS,
  );
  let isReaderGone = false;
  void readerGone.then(() => {
    isReaderGone = true;
    wake();
  });
  let isSupervisorGone = false;
  const guard = async (): Promise<void> => {
    const socket = await connectSupervisor(dir);
    const gone = (): void => {
      isSupervisorGone = true;
      wake();
    };
    if (socket === undefined) gone();
    else socket.once("close", gone).on("error", gone).resume();
  };
  const copy = createCopier(join(dir, "journal"), offset);
  try {
    let guarded = false;
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      const exit = readExit(dir);
      copy.pump();
      if (exit !== undefined) {
        writeOut(
          encodeFrame({ type: FRAME.end, ms: Date.now(), payload: Buffer.from(JSON.stringify(exit)) }),
        );
        return "complete";
      }
      if (!guarded) {
        guarded = true;
        void guard();
      }
      if (isReaderGone) return "reader_gone";
      if (isSupervisorGone) {
        isSupervisorGone = false;
        // Claimed and not alive: settled at once, or when it is old enough to be stillborn.
        if ((await settle(layout, id)) === "done") continue;
        setTimeout(() => {
          guarded = false;
          wake();
        }, LOOK_AGAIN_MS);
      }
      await changed;
    }
  } catch (error) {
    if (errno(error) === "EPIPE") return "reader_gone";
    throw error;
  } finally {
    clearInterval(beat);
    watcher.close();
    copy.close();
  }
}

function createCopier(path: string, offset: number): { pump(): void; close(): void } {
  const buffer = Buffer.allocUnsafe(COPY_BYTES);
  const pack = createPacker();
  let fd: number | undefined;
  let at = offset;
  return {
    pump() {
      if (fd === undefined && existsSync(path)) fd = openSync(path, "r");
      if (fd === undefined) return;
      for (;;) {
        const length = readSync(fd, buffer, 0, COPY_BYTES, at);
        const whole = wholeFrames(buffer, length);
        if (whole === 0) return;
        writeOut(pack(buffer.subarray(0, whole)));
        at += whole;
        if (at >= fstatSync(fd).size) return;
      }
    },
    close() {
      if (fd !== undefined) closeSync(fd);
    },
  };
}

function wholeFrames(buffer: Buffer, length: number): number {
  let at = 0;
  while (length - at >= FRAME_HEADER_BYTES) {
    const header = readFrameHeader(buffer, at);
    const end = at + FRAME_HEADER_BYTES + header.length;
    if (!isJournalHeader(header) || end > length) break;
    at = end;
  }
  return at;
}

/** Blocks while the reader is slow: that is the back-pressure. */
function writeOut(bytes: Buffer): void {
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(1, bytes, done);
    } catch (error) {
      if (errno(error) !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_WRITE_MS);
    }
  }
}
