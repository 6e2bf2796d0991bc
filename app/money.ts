const MICRO_PER_USD = 1_000_000;

/** US dollars as settings have them, in whole micro-USD. */
export function microUsd(usd: number): number {
  return Math.round(usd * MICRO_PER_USD);
}

/**
 * Micro-USD for people: cents from a dollar on (`$12.35`), four digits behind the point below it (`$0.0042`), and
 * `less than $0.0001` rather than a zero that is none.
 */
export function formatMicroUsd(microUsd: number): string {
  if (microUsd === 0) return "$0.00";
  if (microUsd > 0 && microUsd < 100) return "less than $0.0001";
  const sign = microUsd < 0 ? "-" : "";
  const amount = Math.abs(microUsd);
  return `${sign}$${(amount / MICRO_PER_USD).toFixed(amount >= MICRO_PER_USD ? 2 : 4)}`;
}
