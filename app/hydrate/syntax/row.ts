/** One name of GitHub's workflow syntax and what becomes of it here. */
export type SyntaxRow = {
  readonly key: string;
  readonly state: "works" | "partly" | "no";
  /** How far, or why not; empty where it works as GitHub says. */
  readonly note: string;
  /** The test file that holds it, from the repository's root; null where nothing is there to be tested. */
  readonly test: string | null;
};

/** Rows of names that work as on GitHub; `note` is for what is worth knowing all the same. */
export function works(test: string, keys: readonly string[], note = ""): readonly SyntaxRow[] {
  return keys.map((key) => ({ key, state: "works", note, test }));
}

/** Rows of names that work in part: `note` says which. */
export function partly(test: string, keys: readonly string[], note: string): readonly SyntaxRow[] {
  return keys.map((key) => ({ key, state: "partly", note, test }));
}

/** Rows of names that do nothing here: `note` says why. `test` shows that it is told, or accepted. */
export function no(test: string | null, keys: readonly string[], note: string): readonly SyntaxRow[] {
  return keys.map((key) => ({ key, state: "no", note, test }));
}

/** The same keys under a common beginning. */
export function under(prefix: string, keys: readonly string[]): readonly string[] {
  return keys.map((key) => `${prefix}${key}`);
}
