/** git's pkt-lines: reading them as they come, writing them for one request. */

/** The protocol's own largest line, its four digits included. */
const LINE_MAX_BYTES = 65_520;
const LENGTH_DIGITS = 4;

export type PktLine =
  | { readonly kind: "data"; readonly bytes: Buffer }
  | { readonly kind: "flush" | "delimiter" | "other" };

export type PktReader = {
  /** Takes what came. False once it cannot be pkt-lines, or `onLine` wants no more; nothing is read from then on. */
  push(chunk: Buffer): boolean;
};

/** Reads pkt-lines cut anywhere. Keeps at most one line that is not whole yet. */
export function createPktReader(onLine: (line: PktLine) => boolean): PktReader {
  let rest: Buffer = Buffer.alloc(0);
  let isOpen = true;
  return {
    push(chunk) {
      let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (isOpen && bytes.length >= LENGTH_DIGITS) {
        const digits = bytes.toString("latin1", 0, LENGTH_DIGITS);
        const length = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : Number.NaN;
        if (Number.isNaN(length) || length > LINE_MAX_BYTES) isOpen = false;
        else if (length <= LENGTH_DIGITS - 1) {
          isOpen = onLine({ kind: length === 0 ? "flush" : length === 1 ? "delimiter" : "other" });
          bytes = bytes.subarray(LENGTH_DIGITS);
        } else if (bytes.length < length) break;
        else {
          isOpen = onLine({ kind: "data", bytes: bytes.subarray(LENGTH_DIGITS, length) });
          bytes = bytes.subarray(length);
        }
      }
      rest = bytes;
      return isOpen;
    },
  };
}

/** One line of text. */
export function pktLine(text: string): string {
  return `${(Buffer.byteLength(text) + LENGTH_DIGITS).toString(16).padStart(LENGTH_DIGITS, "0")}${text}`;
}

export const PKT_FLUSH = "0000";
export const PKT_DELIMITER = "0001";
