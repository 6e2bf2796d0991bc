/** The last bytes of an output whose middle is not kept. */

export type TailPart = { readonly step: number; readonly ms: number; readonly bytes: Buffer };

export type TailRing = {
  /** Takes a copy. */
  push(part: TailPart): void;
  /** Bytes pushed and no longer held. */
  readonly droppedBytes: number;
  /** What is held, oldest first, cut at the front to at most `bytes`; the ring is empty then. */
  drain(bytes: number): readonly TailPart[];
};

/** Holds about the last `capBytes`. Small parts are joined, so that a million short lines cost no million objects. */
export function createTailRing(capBytes: number): TailRing {
  const chunkBytes = 64 * 1024;
  let parts: { step: number; ms: number; bytes: Buffer; used: number }[] = [];
  let held = 0;
  let dropped = 0;
  const shift = (): void => {
    const gone = parts.shift()?.used ?? 0;
    held -= gone;
    dropped += gone;
  };
  return {
    get droppedBytes() {
      return dropped;
    },
    push({ step, ms, bytes }) {
      let at = 0;
      while (at < bytes.length) {
        let last = parts.at(-1);
        if (last === undefined || last.step !== step || last.used === chunkBytes) {
          last = { step, ms, bytes: Buffer.allocUnsafe(chunkBytes), used: 0 };
          parts.push(last);
        }
        const taken = bytes.copy(
          last.bytes,
          last.used,
          at,
          Math.min(bytes.length, at + chunkBytes - last.used),
        );
        last.used += taken;
        held += taken;
        at += taken;
      }
      while (held - (parts[0]?.used ?? 0) >= capBytes) shift();
    },
    drain(bytes) {
      while (parts.length > 0 && held - (parts[0]?.used ?? 0) >= bytes) shift();
      const cut = Math.max(0, held - bytes);
      dropped += cut;
      const whole = parts.map((part, index) => ({
        step: part.step,
        ms: part.ms,
        bytes: part.bytes.subarray(index === 0 ? cut : 0, part.used),
      }));
      parts = [];
      held = 0;
      return whole;
    },
  };
}
