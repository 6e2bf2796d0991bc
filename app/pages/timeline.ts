import type { PhaseRow } from "../runs/report-facts.ts";

/** A phase with its place in the whole. */
export type TimedPhase = PhaseRow & {
  /** Percent of all phases' time that went before, and that it took itself. */
  readonly from: number;
  readonly share: number;
};

/** Too short to be seen is still there. */
const LEAST_PERCENT = 0.5;

/** Phases one after the other, as parts of the whole. Whatever their times, `from + share` never passes 100. */
export function timeline(phases: readonly PhaseRow[]): readonly TimedPhase[] {
  const whole = Math.max(
    1,
    phases.reduce((sum, { ms }) => sum + ms, 0),
  );
  let before = 0;
  return phases.map((phase) => {
    const share = Math.max(LEAST_PERCENT, rounded((100 * phase.ms) / whole));
    const from = Math.min(rounded((100 * before) / whole), 100 - share);
    before += phase.ms;
    return { ...phase, from, share };
  });
}

function rounded(percent: number): number {
  return Math.round(percent * 10) / 10;
}
