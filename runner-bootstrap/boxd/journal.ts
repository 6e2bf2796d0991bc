/** The one file of a task: output and events as frames, in one order, append-only. */

import { closeSync, fstatSync, ftruncateSync, openSync, statfsSync, writevSync } from "node:fs";
import { join } from "node:path";

import { FRAME, FRAME_HEADER_BYTES, FRAME_PAYLOAD_MAX_BYTES, writeFrameHeader } from "./frame.ts";
import type { FrameType } from "./frame.ts";
import { removeFile, writeSynced } from "./once.ts";
import { maskAll } from "./mask/mask-all.ts";
import type { Masker } from "./mask/masker.ts";
import { createTailRing } from "./tail-ring.ts";
import type { TaskEvent } from "./task.ts";

export type Journal = {
  /** Appends masked output. Never throws: beyond the cap or on a full disk only the tail is kept. */
  output(step: number, bytes: Buffer): void;
  /** Appends an event, its texts masked. Never throws. */
  event(event: TaskEvent): void;
  /** Frees the reserve and writes the gap and the tail, when there are any. Events may follow. */
  finish(): { readonly gapBytes: number; readonly diskFull: boolean };
  close(): void;
};

/** Kept of an output beyond its cap: enough for the end of a failing test run. */
const TAIL_BYTES = 1024 * 1024;
/** Freed on a full disk for the last events and lines. */
export const RESERVE_BYTES = 64 * 1024;
/** What of the tail goes into the freed reserve, leaving room for events. */
const TAIL_ON_FULL_DISK_BYTES = 32 * 1024;
/** Texts in events come from tools; a longer one says no more. */
const EVENT_TEXT_MAX = 8 * 1024;

/** Sets the reserve aside. Throws ENOSPC when there is no room for it. */
export function makeReserve(dir: string): void {
  // Written, not only sized: a sparse file would reserve nothing.
  writeSynced(join(dir, "reserve"), Buffer.alloc(RESERVE_BYTES, 0x20));
}

/** Opens `journal` in the task's directory. */
export function openJournal(dir: string, capBytes: number, masker: Masker): Journal {
  const reserve = join(dir, "reserve");
  const fd = openSync(join(dir, "journal"), "a", 0o600);
  const header = Buffer.alloc(FRAME_HEADER_BYTES);
  const tail = createTailRing(TAIL_BYTES);
  let size = fstatSync(fd).size;
  let outputBytes = 0;
  let mode: "all" | "cap" | "disk_full" = "all";

  const append = (type: FrameType, step: number, ms: number, payload: Buffer): boolean => {
    writeFrameHeader(header, 0, { type, flags: 0, step, length: payload.length, ms });
    try {
      const written = writevSync(fd, [header, payload]);
      if (written === FRAME_HEADER_BYTES + payload.length) {
        size += written;
        return true;
      }
    } catch {
      // ENOSPC, EDQUOT, EIO: the frame is not in the file, whatever the reason; the answer is the same.
    }
    ftruncateSync(fd, size);
    return false;
  };
  const event = (value: TaskEvent): void => {
    const payload = Buffer.from(JSON.stringify(maskAll(value, (text) => cut(masker.text(text)))));
    if (payload.length <= FRAME_PAYLOAD_MAX_BYTES && !append(FRAME.event, 0, Date.now(), payload))
      mode = "disk_full";
  };

  return {
    event,
    output(step, bytes) {
      const ms = Date.now();
      for (let at = 0; at < bytes.length; at += FRAME_PAYLOAD_MAX_BYTES) {
        const part = bytes.subarray(at, at + FRAME_PAYLOAD_MAX_BYTES);
        if (mode === "all" && outputBytes + part.length > capBytes) mode = "cap";
        if (mode === "all" && append(FRAME.output, step, ms, part)) outputBytes += part.length;
        else {
          if (mode === "all") mode = "disk_full";
          tail.push({ step, ms, bytes: part });
        }
      }
    },
    finish() {
      removeFile(reserve);
      if (mode === "all") return { gapBytes: 0, diskFull: false };
      const diskFull = mode === "disk_full" && freeBytes(dir) < TAIL_BYTES * 2;
      const parts = tail.drain(diskFull ? TAIL_ON_FULL_DISK_BYTES : TAIL_BYTES);
      const gapBytes = tail.droppedBytes;
      const wasFull = mode === "disk_full";
      if (gapBytes > 0) event({ e: "gap", bytes: gapBytes, reason: wasFull ? "disk_full" : "cap" });
      for (const part of parts) append(FRAME.output, part.step, part.ms, part.bytes);
      return { gapBytes, diskFull: wasFull };
    },
    close: () => closeSync(fd),
  };
}

/** Free bytes for this user on the file system of `path`. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Of a masked text: cut before, a secret would be half there and not be found. */
function cut(text: string): string {
  return text.length > EVENT_TEXT_MAX ? `${text.slice(0, EVENT_TEXT_MAX).toWellFormed()}…` : text;
}
