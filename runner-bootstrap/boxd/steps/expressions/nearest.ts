/** Longer words are no misspelling of ours; also bounds the comparison's cost. */
const MAX_WORD_CHARS = 24;

/** ", did you mean X?" for the candidate nearest to a misspelt word, or nothing when none is near. Letter case does not count. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  if (word.length > MAX_WORD_CHARS) return "";
  const typed = word.toLowerCase();
  let best: { readonly name: string; readonly steps: number } | undefined;
  for (const name of candidates) {
    const steps = editDistance(typed, name.toLowerCase());
    if (best === undefined || steps < best.steps) best = { name, steps };
  }
  if (best === undefined) return "";
  // A third of the letters is the most that still looks like the same word; two swapped letters are two steps.
  const most = Math.min(Math.max(2, Math.ceil(best.name.length / 3)), best.name.length - 1);
  return best.steps <= most ? `, did you mean ${quoteName(best.name)}?` : "";
}

function quoteName(name: string): string {
  return `'${name}'`;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, at) => at);
  for (const [y, a] of left.split("").entries()) {
    const next = [y + 1];
    for (const [x, b] of right.split("").entries())
      next.push(Math.min((row[x + 1] ?? 0) + 1, (next[x] ?? 0) + 1, (row[x] ?? 0) + (a === b ? 0 : 1)));
    row = next;
  }
  return row.at(-1) ?? 0;
}
