import { AppError } from "../errors.ts";
import { createFrameReader, FRAME, FrameError } from "../../runner-bootstrap/boxd/frame.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import { taskEventSchema, taskExitSchema } from "./events-schema.ts";

import type { Readable } from "node:stream";
import type { Frame } from "../../runner-bootstrap/boxd/frame.ts";
import type { TaskEvent, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { z } from "zod";

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

type Batch = {
  bytes: Buffer[];
  size: number;
  events: { readonly event: TaskEvent; readonly ms: number }[];
  output: { readonly payload: Buffer; readonly step: number; readonly ms: number }[];
};

export type JournalStream = {
  /** The task's end once its frame came and all before it is in the sink. */
  readonly end: TaskExit | null;
  /** Offset after the last whole frame. */
  readonly offset: number;
  /** Epoch ms of the last byte from the box. */
  readonly lastByteAt: number;
  /** Resolves when the stream ended and the sink has everything; rejects with box_lied or with the sink's error. */
  readonly done: Promise<void>;
  /** Takes nothing more from the source; `done` settles when the sink has what came before. Safe to repeat. */
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
  let chunk: Buffer = Buffer.alloc(0);
  let end: TaskExit | null = null;
  let ended = false;
  let busy = false;
  let failure: unknown;
  let lastByteAt = now();

  const onFrame = (frame: Frame) => {
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
    const kept = frame.raw.buffer === chunk.buffer ? frame.raw : Buffer.from(frame.raw);
    keep(batch, kept);
    if (event !== null) batch.events.push({ event, ms: frame.ms });
    else if (sink.output !== undefined) {
      batch.output.push({
        payload: kept.subarray(kept.length - frame.payload.length),
        step: frame.step,
        ms: frame.ms,
      });
    }
  };
  // What was whole and right before a lie is still kept; nothing reaches the sink after `done` is settled.
  const stop = (error?: unknown) => {
    if (ended) return;
    ended = true;
    failure = error instanceof FrameError ? lied(error.message, error) : error;
    // Read on, into nothing: a channel that is not read never closes.
    source.resume();
    if (!busy) void drain();
  };
  const drain = async () => {
    busy = true;
    try {
      while (batch.size > 0) {
        const full = batch;
        batch = emptyBatch();
        source.resume();
        await sink.append(full.bytes, handed);
        handed += full.size;
        for (const { payload, step, ms } of full.output) sink.output?.(payload, step, ms);
        for (const { event, ms } of full.events) await sink.event(event, ms);
      }
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
    chunk = data;
    try {
      reader.push(data);
    } catch (error) {
      stop(error);
      return;
    }
    if (batch.size >= BATCH_BYTES) source.pause();
    if (!busy) void drain();
  });
  const reader = createFrameReader(onFrame);
  source.once("end", () => stop());
  source.once("close", () => stop());
  return {
    done,
    stop: () => stop(),
    get end() {
      return end;
    },
    get offset() {
      return handed;
    },
    get lastByteAt() {
      return lastByteAt;
    },
  };
}

function emptyBatch(): Batch {
  return { bytes: [], size: 0, events: [], output: [] };
}

/** Adds a frame; one that follows the last in the same memory makes that one longer, so that writes are few. */
function keep(batch: Batch, raw: Buffer): void {
  const last = batch.bytes.at(-1);
  batch.size += raw.length;
  if (last !== undefined && last.buffer === raw.buffer && last.byteOffset + last.length === raw.byteOffset) {
    batch.bytes[batch.bytes.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + raw.length);
  } else batch.bytes.push(raw);
}

function checkTask(event: TaskEvent | null, id: string, offset: number): void {
  if (event?.e !== "task") throw lied("its journal does not begin with the task");
  if (offset !== 0) throw lied("a second beginning in one journal");
  if (event.v !== TASK_VERSION) throw lied(`version ${event.v} where ${TASK_VERSION} was asked`);
  if (event.id !== id) throw lied("it sent another task's journal");
}

function parse<T>(schema: z.ZodType<T>, payload: Buffer, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString("utf8"));
  } catch (error) {
    throw lied(`${what} is no JSON`, error);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw lied(`${what} does not fit its schema`, parsed.error);
  return parsed.data;
}

function lied(what: string, cause?: unknown): AppError {
  return new AppError(
    "box_lied",
    `The box broke the protocol: ${what}.`,
    "The box is not to be trusted any more: end it, and look at what ran on it.",
    cause,
  );
}
