import { echo } from "./flags.ts";

/** Reads at most one word, null when there is none. */
export function oneWord<T>(
  words: readonly string[],
  make: (word: string | null) => T,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string } {
  const [word, stray] = words;
  if (stray !== undefined) return { ok: false, message: `${echo(stray)} is one word too many.` };
  return { ok: true, value: make(word ?? null) };
}
