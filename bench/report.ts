/** One line of the closing table. `beside` is what we are measured against in the same run. */
export type Row = {
  readonly what: string;
  /** Units included: "61 ms". */
  readonly ours: string;
  readonly beside: string;
  /** Ours divided by the other; null where only our figure counts. */
  readonly ratio: number | null;
  /** What the ratio should be at most, or a sentence; null for information only. */
  readonly target: number | string | null;
  /** Decides for targets that are no ratio. */
  readonly isMet?: boolean;
};

/** Prints a row now and hands it to `start.mjs`, when that started us, for the table of all benches. */
export function report(row: Row): void {
  const isMet =
    row.isMet ?? (row.ratio === null || typeof row.target !== "number" ? null : row.ratio <= row.target);
  const told = {
    what: row.what,
    ours: row.ours,
    beside: row.beside,
    ratio: row.ratio === null ? "" : `${row.ratio.toFixed(2)}x`,
    target: targetText(row.target),
    verdict: isMet === null ? "" : isMet ? "met" : "MISSED",
  };
  console.log(
    `${told.what}: ours ${told.ours}, beside ${told.beside}${told.ratio === "" ? "" : `, ratio ${told.ratio}`}${told.target === "" ? "" : ` (target ${told.target}: ${told.verdict})`}`,
  );
  process.send?.(told);
}

/** The value below which `share` of the values lie; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** Whole milliseconds, one decimal below a hundred. */
export function ms(value: number): string {
  return `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}

function targetText(target: Row["target"]): string {
  if (target === null) return "";
  return typeof target === "number" ? `<= ${target}x` : target;
}
