import { release } from "../../runner-bootstrap/boxd/packed.ts";

import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { FollowSink } from "./stream.ts";

/** Whole frames on their way to the sink, and what of them is told after they are stored. */
export type JournalBatch = {
  bytes: Buffer[];
  size: number;
  readonly events: { readonly event: TaskEvent; readonly ms: number }[];
  readonly output: { readonly payload: Buffer; readonly step: number; readonly ms: number }[];
  /** Unpacked blocks that the frames lie in. */
  readonly blocks: Buffer[];
};

/** An empty one. */
export function emptyBatch(): JournalBatch {
  return { bytes: [], size: 0, events: [], output: [], blocks: [] };
}

/** Adds a frame; one that follows the last in the same memory makes that one longer, so that writes are few. */
export function keepFrame(batch: JournalBatch, raw: Buffer): void {
  const last = batch.bytes.at(-1);
  batch.size += raw.length;
  if (last !== undefined && last.buffer === raw.buffer && last.byteOffset + last.length === raw.byteOffset) {
    batch.bytes[batch.bytes.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + raw.length);
  } else batch.bytes.push(raw);
}

/** Stores a batch at `offset` and tells what was in it; its memory is given back. Rejects with the sink's own error. */
export async function handOver(batch: JournalBatch, offset: number, sink: FollowSink): Promise<void> {
  await sink.append(batch.bytes, offset);
  for (const { payload, step, ms } of batch.output) sink.output?.(payload, step, ms);
  for (const { event, ms } of batch.events) await sink.event(event, ms);
  for (const block of batch.blocks) release(block);
}
