import { encodeFrame, FRAME } from "../../runner-bootstrap/boxd/frame.ts";
import type { TaskEvent } from "../../runner-bootstrap/boxd/task.ts";
import type { ReadJournal } from "../../app/journal/frames.ts";

/** A journal in memory that can grow, and counts what is read of it. */
export type MemoryJournal = {
  readonly read: ReadJournal;
  readonly readBytes: number;
  readonly length: number;
  output(bytes: string | Buffer): void;
  event(event: TaskEvent): void;
  raw(bytes: Buffer): void;
};

export function memoryJournal(): MemoryJournal {
  let parts: Buffer[] = [];
  let readBytes = 0;
  const all = (): Buffer => {
    const [only] = parts;
    const whole = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
    parts = [whole];
    return whole;
  };
  const frame = (type: 1 | 2, payload: Buffer): void => {
    parts.push(encodeFrame({ type, ms: 1_700_000_000_000 + parts.length, payload }));
  };
  return {
    async read(offset, maxBytes) {
      const bytes = all().subarray(offset, offset + maxBytes);
      readBytes += bytes.length;
      return bytes;
    },
    get readBytes() {
      return readBytes;
    },
    get length() {
      return all().length;
    },
    output(text) {
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += 65_536) frame(FRAME.output, bytes.subarray(at, at + 65_536));
    },
    event: (event) => frame(FRAME.event, Buffer.from(JSON.stringify(event))),
    raw: (bytes) => void parts.push(bytes),
  };
}
