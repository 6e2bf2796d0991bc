/** Finds many needles in bytes at once: Wu and Manber's shift table over pairs of bytes. */

export type Search = {
  /** Calls back for the longest needle at each place where one begins, places in order. */
  find(haystack: Buffer, onHit: (start: number, end: number) => void): void;
  /** Where the longest suffix begins that is the beginning of a needle but not all of it; the length when none is. */
  openFrom(haystack: Buffer): number;
};

const PAIRS = 65_536;
const SHIFT_MAX = 65_535;

/** Builds the tables. Needles have at least two bytes. */
export function createSearch(needles: readonly Buffer[]): Search {
  if (needles.length === 0) return { find: () => undefined, openFrom: (haystack) => haystack.length };
  const window = needles.reduce((least, needle) => Math.min(least, needle.length), SHIFT_MAX);
  const longest = needles.reduce((most, needle) => Math.max(most, needle.length), 0);
  const shifts = new Uint16Array(PAIRS).fill(window - 1);
  const byPair = new Map<number, Buffer[]>();
  const byFirst: Buffer[][] = Array.from({ length: 256 }, () => []);
  // Longest first: the first match of a bucket is then the one that covers most.
  for (const needle of [...needles].sort((a, b) => b.length - a.length)) {
    for (let end = 1; end < window; end += 1) {
      const pair = pairAt(needle, end);
      shifts[pair] = Math.min(shifts[pair] ?? 0, window - 1 - end);
    }
    const last = pairAt(needle, window - 1);
    const sharing = byPair.get(last);
    if (sharing === undefined) byPair.set(last, [needle]);
    else sharing.push(needle);
    byFirst[needle[0] ?? 0]?.push(needle);
  }

  return {
    find(haystack, onHit) {
      const size = haystack.length;
      let end = window - 1;
      while (end < size) {
        const pair = ((haystack[end - 1] as number) << 8) | (haystack[end] as number);
        const shift = shifts[pair] as number;
        if (shift > 0) {
          end += shift;
          continue;
        }
        const start = end - window + 1;
        const hit = byPair.get(pair)?.find((needle) => beginsWith(haystack, start, needle, needle.length));
        if (hit !== undefined) onHit(start, start + hit.length);
        end += 1;
      }
    },
    openFrom(haystack) {
      const size = haystack.length;
      for (let start = Math.max(0, size - longest + 1); start < size; start += 1) {
        const rest = size - start;
        const open = byFirst[haystack[start] as number]?.some(
          (needle) => needle.length > rest && beginsWith(haystack, start, needle, rest),
        );
        if (open === true) return start;
      }
      return size;
    },
  };
}

function pairAt(bytes: Buffer, end: number): number {
  return ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
}

function beginsWith(haystack: Buffer, start: number, needle: Buffer, length: number): boolean {
  if (start + length > haystack.length) return false;
  return haystack.compare(needle, 0, length, start, start + length) === 0;
}
