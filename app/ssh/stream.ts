import {
  createFrameReader,
  FRAME,
  FRAME_HEADER_BYTES,
  FrameError,
} from "../../runner-bootstrap/boxd/frame.ts";
import { readUnpacked, unpack } from "../../runner-bootstrap/boxd/packed.ts";
import { taskEventSchema, taskExitSchema } from "./events-schema.ts";
import { emptyBatch, handOver, keepFrame } from "./journal-batch.ts";
import { checkTask, lied, parse } from "./journal-check.ts";

import type { Readable } from "node:stream";
import type { Frame } from "../../runner-bootstrap/boxd/frame.ts";
import type { TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";

/** Bytes handed to the sink at once, and kept while it writes: enough to keep the disk busy, small beside a GB. */
const BATCH_BYTES = 1024 * 1024;

/**
 * A journal's default bound, 5 GiB: the default log cap of 256 MiB in the smallest frames (16 bytes for 1 byte of
 * output) with its events.
 */
export const JOURNAL_MAX_BYTES = 5 * 1024 ** 3;

/** Where a journal goes. Each call is awaited before the next: a slow sink slows the box's front, nothing else. */
export type FollowSink = {
  /** Whole frames, in order, without gap: `bytes` belong at `journalOffset` of the App's copy. */
  append(bytes: readonly Buffer[], journalOffset: number): Promise<void>;
  /** An event that is in the bytes appended before. `ms`: epoch ms on the box's clock. */
  event(event: TaskEvent, ms: number): void | Promise<void>;
  /**
   * Output that is in the bytes appended before, for who looks on live; the buffer is only valid during the call. Not called for what
   * a long log has beyond its begin (long-log.ts).
   */
  output?(payload: Buffer, step: number, ms: number): void;
};

export type JournalStream = {
  /** The task's end once its frame came and all before it is in the sink. */
  readonly end: TaskExit | null;
  /** Offset after the last whole frame. */
  readonly offset: number;
  /** Bytes that came from the box, wire-only frames and packed ones as they were sent. */
  readonly wireBytes: number;
  /** Epoch ms of the last byte from the box. */
  readonly lastByteAt: number;
  /** Resolves when the stream ended and the sink has everything; rejects with box_lied or with the sink's error. */
  readonly done: Promise<void>;
  /** Takes nothing more from the source; `done` settles when the sink has the frames in hand. Safe to repeat. */
  stop(): void;
};

/** Reads frames of task `id` from `source`, checks them as what a hostile box said, and hands them to `sink`. */
export function streamJournal(
  source: Readable,
  task: { readonly id: string; readonly offset: number; readonly maxBytes: number },
  sink: FollowSink,
  now: () => number,
): JournalStream {
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  let batch = emptyBatch();
  let offset = task.offset;
  let handed = task.offset;
  /** Views of it may be kept; what lies elsewhere is used again. */
  let memory: ArrayBufferLike | null = null;
  /** Packed frames, and what came behind them: opened as the sink has room, since a little on the wire may be much. */
  const waiting: Frame[] = [];
  let end: TaskExit | null = null;
  let ended = false;
  let busy = false;
  let failure: unknown;
  let wireBytes = 0;
  let lastByteAt = now();

  const take = (frame: Frame) => {
    if (frame.type === FRAME.beat) return;
    if (frame.type === FRAME.end) {
      end = parse(taskExitSchema, frame.payload, "its end");
      return;
    }
    if (offset === 0 && frame.type !== FRAME.event) throw lied("its journal does not begin with the task");
    const event = frame.type === FRAME.event ? parse(taskEventSchema, frame.payload, "an event") : null;
    if (offset === 0 || event?.e === "task") checkTask(event, task.id, offset);
    offset += frame.raw.length;
    if (offset > task.maxBytes) throw lied(`its journal is longer than ${task.maxBytes} bytes`);
    const kept = frame.raw.buffer === memory ? frame.raw : Buffer.from(frame.raw);
    keepFrame(batch, kept);
    if (event !== null) batch.events.push({ event, ms: frame.ms });
    else if (sink.output !== undefined) {
      const payload = kept.subarray(kept.length - frame.payload.length);
      batch.output.push({ payload, step: frame.step, ms: frame.ms });
    }
  };
  const reader = createFrameReader((frame) => {
    if (frame.type !== FRAME.packed && waiting.length === 0) return take(frame);
    const raw = Buffer.from(frame.raw);
    waiting.push({ ...frame, raw, payload: raw.subarray(FRAME_HEADER_BYTES) });
  });
  const openNext = (frame: Frame) => {
    memory = frame.raw.buffer;
    if (frame.type !== FRAME.packed) return take(frame);
    const block = unpack(frame.payload);
    memory = block.buffer;
    batch.blocks.push(block);
    readUnpacked(block, take);
  };
  /** False when there is nothing for the sink. */
  const fill = (): boolean => {
    try {
      while (batch.size < BATCH_BYTES) {
        const next = waiting.shift();
        if (next === undefined) break;
        openNext(next);
      }
    } catch (error) {
      waiting.length = 0;
      stop(error);
    }
    return batch.size > 0;
  };
  // What was whole and right before a lie is still kept; nothing reaches the sink after `done` is settled.
  const stop = (error?: unknown) => {
    failure ??= error instanceof FrameError ? lied(error.message, error) : error;
    if (ended) return;
    ended = true;
    // Read on, into nothing: a channel that is not read never closes.
    source.resume();
    if (!busy) void drain();
  };
  const drain = async () => {
    busy = true;
    let storing = Promise.resolve();
    try {
      for (;;) {
        // The next batch is opened while the one before is written.
        const isFull = fill();
        await storing;
        if (!isFull && !fill()) break;
        const full = batch;
        batch = emptyBatch();
        if (waiting.length === 0) source.resume();
        storing = handOver(full, handed, sink).then(() => {
          handed += full.size;
        });
      }
      // What waited last may have had nothing for the sink.
      source.resume();
      busy = false;
    } catch (error) {
      // Stays busy: the sink failed, it gets nothing more.
      ended = true;
      failure = error;
      source.resume();
    }
    if (failure !== undefined) reject(failure);
    else if (ended) resolve();
  };
  source.on("data", (data: Buffer) => {
    if (ended) return;
    lastByteAt = now();
    wireBytes += data.length;
    memory = data.buffer;
    try {
      reader.push(data);
    } catch (error) {
      stop(error);
      return;
    }
    if (batch.size >= BATCH_BYTES || waiting.length > 0) source.pause();
    if (!busy) void drain();
  });
  source.once("end", () => stop());
  source.once("close", () => stop());
  return {
    done,
    stop() {
      waiting.length = 0;
      stop();
    },
    get end() {
      return end;
    },
    get offset() {
      return handed;
    },
    get wireBytes() {
      return wireBytes;
    },
    get lastByteAt() {
      return lastByteAt;
    },
  };
}
