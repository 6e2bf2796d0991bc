import { distance } from "fastest-levenshtein";

/** Longer words are no misspelling of ours; also bounds the comparison's cost. */
const MAX_GUESS_CHARS = 24;

/** The candidate that was probably meant; null when none is near. Upper and lower case count as the same. */
export function didYouMean(typed: string, candidates: readonly string[]): string | null {
  if (typed.length > MAX_GUESS_CHARS) return null;
  const wanted = typed.toLowerCase();
  let best: { readonly candidate: string; readonly steps: number } | null = null;
  for (const candidate of candidates) {
    const steps = distance(wanted, candidate.toLowerCase());
    if (best === null || steps < best.steps) best = { candidate, steps };
  }
  if (best === null) return null;
  // Two letters swapped are two steps; beyond that a third of the letters is the most that still looks like the same word.
  const most = Math.min(Math.max(2, Math.ceil(best.candidate.length / 3)), best.candidate.length - 1);
  return best.steps <= most ? best.candidate : null;
}
