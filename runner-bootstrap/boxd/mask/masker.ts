/** Masks secrets in streams of bytes, also when a chunk's end cuts one in two. */

import { needlesOf } from "./needles.ts";
import { createSearch, type Search } from "./search.ts";

export type MaskStream = {
  /** The next bytes, masked; what may be the beginning of a secret is held back. */
  push(chunk: Buffer): Buffer;
  /** What was held back, at the stream's end. */
  flush(): Buffer;
};

export type Masker = {
  /** A stream of its own; adding secrets later is seen by it. */
  stream(): MaskStream;
  /** One whole text, masked. */
  text(text: string): string;
  /** True when the text holds something that would be masked. */
  finds(text: string): boolean;
  /** Adds secrets and tokens; answers how many of these were too short to be masked. */
  add(secrets: readonly string[], tokens?: readonly string[]): number;
};

const STARS = Buffer.from("***");
const NOTHING = Buffer.alloc(0);

/**
 * Hits that overlap become one `***`. Whatever the splits, the result is that of masking the whole at once. Works on
 * bytes: UTF-8 synchronises itself, so a needle never begins within a character.
 */
export function createMasker(): Masker {
  const known = new Map<string, Buffer>();
  let search = createSearch([]);
  let isStale = false;
  // Steps may add thousands, one by one: the tables are made when they are needed.
  const current = (): Search => {
    if (isStale) search = createSearch([...known.values()]);
    isStale = false;
    return search;
  };
  const masker: Masker = {
    add(moreSecrets, moreTokens = []) {
      const { needles, skipped } = needlesOf(moreSecrets, moreTokens);
      for (const needle of needles) known.set(needle.toString("latin1"), needle);
      isStale ||= needles.length > 0;
      return skipped;
    },
    text(text) {
      const stream = masker.stream();
      return Buffer.concat([stream.push(Buffer.from(text)), stream.flush()]).toString();
    },
    finds(text) {
      let found = false;
      current().find(Buffer.from(text), () => (found = true));
      return found;
    },
    stream() {
      let held: Buffer = NOTHING;
      // How many of the held bytes a hit covers whose stars are written already.
      let covered = 0;
      const run = (bytes: Buffer, last: boolean): Buffer => {
        const tables = current();
        const keepFrom = last ? bytes.length : tables.openFrom(bytes);
        const parts: Buffer[] = [];
        let done = 0;
        let maskedTo = covered;
        const passTo = (to: number): void => {
          const from = Math.max(done, maskedTo);
          if (to > from) parts.push(bytes.subarray(from, to));
          done = Math.max(done, to);
        };
        tables.find(bytes, (start, end) => {
          // A longer hit may still begin before this one: it is found again with the held bytes.
          if (start >= keepFrom) return;
          if (start < maskedTo) {
            maskedTo = Math.max(maskedTo, end);
            return;
          }
          passTo(start);
          parts.push(STARS);
          maskedTo = end;
        });
        passTo(keepFrom);
        covered = Math.max(0, maskedTo - keepFrom);
        // The chunk's buffer is used again by the reader: what stays must be a copy.
        held = keepFrom === bytes.length ? NOTHING : Buffer.from(bytes.subarray(keepFrom));
        return parts.length === 1 ? (parts[0] ?? NOTHING) : Buffer.concat(parts);
      };
      return {
        push: (chunk) => run(held.length === 0 ? chunk : Buffer.concat([held, chunk]), false),
        flush: () => run(held, true),
      };
    },
  };
  return masker;
}
