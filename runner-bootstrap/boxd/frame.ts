/**
 * The journal's frames, and the three that exist on the wire only. Dependency-free: the App reads what boxd writes.
 *
 * Header, 16 bytes, big-endian: `u8 type, u8 flags, u16 step, u32 length, u64 milliseconds since 1970`.
 */

export const FRAME_HEADER_BYTES = 16;

/** A pipe's size on Linux: a payload is what one read of the command's output may bring. */
export const FRAME_PAYLOAD_MAX_BYTES = 64 * 1024;

/** Of a packed frame, whose content was twice as long at the least. */
export const PACKED_PAYLOAD_MAX_BYTES = 2 * FRAME_PAYLOAD_MAX_BYTES;

/** Types below 0x80 are in the journal and count for the offset; the others exist on the wire only. `packed`: packed.ts. */
export const FRAME = { output: 1, event: 2, end: 0x80, beat: 0x81, packed: 0x82 } as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];

const TYPES: ReadonlySet<number> = new Set(Object.values(FRAME));

/** One frame. `payload` and `raw` (header included) are views: copy them to keep them beyond the callback. */
export type Frame = {
  readonly type: FrameType;
  readonly flags: number;
  /** Number of the hydration step that wrote it, 0 for everything else. */
  readonly step: number;
  /** Epoch ms on the box's clock. */
  readonly ms: number;
  readonly payload: Buffer;
  readonly raw: Buffer;
};

export type FrameHeader = {
  readonly type: number;
  readonly flags: number;
  readonly step: number;
  readonly length: number;
  readonly ms: number;
};

export type FrameReader = {
  /** Takes the next bytes of the stream; calls back once a whole frame. Throws `FrameError`, and then for ever. */
  push(chunk: Uint8Array): void;
  /** Journal bytes handed on as whole frames, packed ones not counted: add them to the offset that was asked for. */
  readonly journalBytes: number;
  /** Bytes of a frame that is not whole yet; never more than one frame. */
  readonly pendingBytes: number;
};

/** What arrived is no frame stream: the other side lies or is broken. */
export class FrameError extends Error {
  readonly code: "frame_type" | "frame_length" | "frame_after_end" | "frame_packed";
  constructor(code: FrameError["code"], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = "FrameError";
    this.code = code;
  }
}

const TWO_POW_32 = 0x1_0000_0000;

/** Writes a header into `target` at `at`. `length` is the payload's. */
export function writeFrameHeader(target: Buffer, at: number, header: FrameHeader): void {
  target[at] = header.type;
  target[at + 1] = header.flags;
  target.writeUInt16BE(header.step, at + 2);
  target.writeUInt32BE(header.length, at + 4);
  target.writeUInt32BE(Math.floor(header.ms / TWO_POW_32), at + 8);
  target.writeUInt32BE(header.ms % TWO_POW_32, at + 12);
}

/** Reads a header; judges nothing. */
export function readFrameHeader(source: Buffer, at: number): FrameHeader {
  return {
    type: source.readUInt8(at),
    flags: source.readUInt8(at + 1),
    step: source.readUInt16BE(at + 2),
    length: source.readUInt32BE(at + 4),
    ms: source.readUInt32BE(at + 8) * TWO_POW_32 + source.readUInt32BE(at + 12),
  };
}

/** One whole frame as bytes. A payload over the limit is the caller's mistake and throws. */
export function encodeFrame(frame: {
  readonly type: FrameType;
  readonly step?: number;
  readonly ms: number;
  readonly payload: Uint8Array;
}): Buffer {
  const refusal = refuse(frame.type, frame.payload.length);
  if (refusal !== undefined) throw refusal;
  const bytes = Buffer.allocUnsafe(FRAME_HEADER_BYTES + frame.payload.length);
  writeFrameHeader(bytes, 0, {
    type: frame.type,
    flags: 0,
    step: frame.step ?? 0,
    length: frame.payload.length,
    ms: frame.ms,
  });
  bytes.set(frame.payload, FRAME_HEADER_BYTES);
  return bytes;
}

/** True for a header that may stand in a journal. Anything else in a file is a torn tail. */
export function isJournalHeader(header: FrameHeader): boolean {
  return (
    (header.type === FRAME.output || header.type === FRAME.event) && header.length <= FRAME_PAYLOAD_MAX_BYTES
  );
}

/**
 * An incremental reader in bounded memory: a frame inside one chunk is handed on as a view of it, only one that
 * spans chunks is copied, into one buffer that is used again and again.
 */
export function createFrameReader(onFrame: (frame: Frame) => void): FrameReader {
  const partial = Buffer.allocUnsafe(FRAME_HEADER_BYTES + PACKED_PAYLOAD_MAX_BYTES);
  let held = 0;
  let journalBytes = 0;
  let ended = false;
  let failure: FrameError | undefined;

  const sizeAt = (source: Buffer, at: number): number => {
    const { type, length } = readFrameHeader(source, at);
    failure ??= ended ? new FrameError("frame_after_end", "bytes after the end frame") : refuse(type, length);
    if (failure !== undefined) throw failure;
    return FRAME_HEADER_BYTES + length;
  };
  const hand = (raw: Buffer): void => {
    const { type, flags, step, ms } = readFrameHeader(raw, 0);
    if (type < FRAME.end) journalBytes += raw.length;
    ended = type === FRAME.end;
    onFrame({ type: type as FrameType, flags, step, ms, payload: raw.subarray(FRAME_HEADER_BYTES), raw });
  };
  const fill = (chunk: Buffer, at: number, want: number): number => {
    // More than `want` may be held already: a header whose payload comes in many chunks.
    const taken = Math.max(0, Math.min(want - held, chunk.length - at));
    chunk.copy(partial, held, at, at + taken);
    held += taken;
    return at + taken;
  };

  return {
    get journalBytes() {
      return journalBytes;
    },
    get pendingBytes() {
      return held;
    },
    push(bytes) {
      if (failure !== undefined) throw failure;
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let at = 0;
      while (at < chunk.length) {
        if (held === 0 && chunk.length - at >= FRAME_HEADER_BYTES) {
          const size = sizeAt(chunk, at);
          if (chunk.length - at >= size) {
            hand(chunk.subarray(at, at + size));
            at += size;
            continue;
          }
        }
        at = fill(chunk, at, FRAME_HEADER_BYTES);
        if (held < FRAME_HEADER_BYTES) return;
        const size = sizeAt(partial, 0);
        at = fill(chunk, at, size);
        if (held < size) return;
        held = 0;
        hand(partial.subarray(0, size));
      }
    },
  };
}

function refuse(type: number, length: number): FrameError | undefined {
  if (!TYPES.has(type)) {
    return new FrameError("frame_type", `unknown frame type ${type}`);
  }
  const most = type === FRAME.packed ? PACKED_PAYLOAD_MAX_BYTES : FRAME_PAYLOAD_MAX_BYTES;
  if (length > most) return new FrameError("frame_length", `frame of ${length} bytes, at most ${most}`);
  return undefined;
}
