/**
 * What waits in the journal travels packed: what a log repeats is then neither encrypted nor sent. On the wire only; the journal
 * and the App's copy are plain. Dependency-free: the App opens what boxd packs.
 */

import zlib from "node:zlib";

import {
  encodeFrame,
  FRAME,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_MAX_BYTES,
  PACKED_PAYLOAD_MAX_BYTES,
  FrameError,
  isJournalHeader,
  readFrameHeader,
} from "./frame.ts";
import type { Frame, FrameType } from "./frame.ts";

/** What one packed frame opens to at the most: four journal frames of the largest size. */
export const PACKED_MAX_BYTES = 4 * (FRAME_HEADER_BYTES + FRAME_PAYLOAD_MAX_BYTES);

/** Less is on its way sooner than it is packed. */
const PACK_MIN_BYTES = 16 * 1024;
/** Pieces that go plain after one that did not shrink to its half, so that packing in vain costs little. */
const PLAIN_AFTER_VAIN = 16;
/** Of zstd: 300 to 600 MiB/s on logs, which shrink to a sixth; faster levels save less than what they leave costs to encrypt. */
const LEVEL = 1;
/** zlib asks for a second piece of memory when the first was used up exactly. */
const SLACK_BYTES = 64;

/** Packs whole frames where that pays; else answers them as they are. */
export type Packer = (frames: Buffer) => Buffer;

/** A packer for one stream. Without zstd (Node before 22.15) everything goes plain. */
export function createPacker(): Packer {
  const { zstdCompressSync } = zlib as Partial<typeof zlib>;
  const params = { [zlib.constants.ZSTD_c_compressionLevel]: LEVEL };
  let plain = 0;
  return (frames) => {
    if (zstdCompressSync === undefined || frames.length < PACK_MIN_BYTES) return frames;
    if (plain > 0) {
      plain -= 1;
      return frames;
    }
    const packed = zstdCompressSync(frames, { params });
    if (packed.length <= Math.min(PACKED_PAYLOAD_MAX_BYTES, frames.length / 2)) {
      return encodeFrame({ type: FRAME.packed, ms: Date.now(), payload: packed });
    }
    plain = PLAIN_AFTER_VAIN;
    return frames;
  };
}

/** What was packed, in memory of its own: see `release`. Throws `FrameError` for what a packer never makes. */
export function unpack(payload: Buffer): Buffer {
  let block: Buffer;
  try {
    block = zlib.zstdDecompressSync(payload, {
      maxOutputLength: PACKED_MAX_BYTES,
      chunkSize: PACKED_MAX_BYTES + SLACK_BYTES,
    });
  } catch (error) {
    throw new FrameError("frame_packed", "a packed frame that does not open", error);
  }
  // Opening costs the same for a byte: many small ones on the wire would be much work for the App.
  if (block.length >= PACK_MIN_BYTES) return block;
  throw new FrameError("frame_packed", `a packed frame of ${block.length} bytes, which nobody packs`);
}

/** Calls back for each frame of an unpacked block. Throws `FrameError` where it is not whole journal frames. */
export function readUnpacked(block: Buffer, onFrame: (frame: Frame) => void): void {
  for (let at = 0; at < block.length;) {
    if (block.length - at < FRAME_HEADER_BYTES) throw torn();
    const header = readFrameHeader(block, at);
    const end = at + FRAME_HEADER_BYTES + header.length;
    if (!isJournalHeader(header) || end > block.length) throw torn();
    const raw = block.subarray(at, end);
    const { type, flags, step, ms } = header;
    onFrame({ type: type as FrameType, flags, step, ms, payload: raw.subarray(FRAME_HEADER_BYTES), raw });
    at = end;
  }
}

/**
 * Gives the memory of an unpacked block back at once; nothing may look at it afterwards. Left to V8, a gigabyte of blocks costs more
 * time to collect than to unpack.
 */
export function release(block: Buffer): void {
  (block.buffer as ArrayBuffer).transfer(0);
}

function torn(): FrameError {
  return new FrameError("frame_packed", "a packed frame that is not whole frames of a journal");
}
