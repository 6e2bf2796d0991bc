/** The place where `row` begins. */
export type Checkpoint = { readonly row: number; readonly offset: number; readonly skip: number };

/** A sparse, growing list of places, thinned to every second one whenever it is full. */
export type Checkpoints = {
  /** Kept when far enough from the newest one. Rows and offsets only grow. */
  offer(row: number, offset: number, skip: number): void;
  /** The nearest one at or before `row`. */
  before(row: number): Checkpoint;
};

/** Rows and bytes between two checkpoints at first: what one page of the viewer reads besides what it shows. */
const SPACING_ROWS = 256;
const SPACING_BYTES = 128 * 1024;
/** Three numbers each: 768 KiB an index at the most. */
const MAX_CHECKPOINTS = 32_768;

/** A list that begins with row 0 at the journal's begin. */
export function createCheckpoints(): Checkpoints {
  let rows = [0];
  let offsets = [0];
  let skips = [0];
  let spacing = 1;
  let lastRow = 0;
  let lastOffset = 0;

  const everySecond = (list: readonly number[]): number[] => list.filter((_, at) => at % 2 === 0);
  return {
    offer(row, offset, skip) {
      const near = row - lastRow < SPACING_ROWS * spacing && offset - lastOffset < SPACING_BYTES * spacing;
      if (near) return;
      rows.push(row);
      offsets.push(offset);
      skips.push(skip);
      lastRow = row;
      lastOffset = offset;
      if (rows.length < MAX_CHECKPOINTS) return;
      rows = everySecond(rows);
      offsets = everySecond(offsets);
      skips = everySecond(skips);
      spacing *= 2;
    },
    before(row) {
      let low = 0;
      let high = rows.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((rows[middle] ?? 0) <= row) low = middle;
        else high = middle - 1;
      }
      return { row: rows[low] ?? 0, offset: offsets[low] ?? 0, skip: skips[low] ?? 0 };
    },
  };
}
