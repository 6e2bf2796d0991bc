/** Something wrong at a path of keys, before its place in the text is known. */
export type Problem = {
  readonly path: readonly PropertyKey[];
  /** The key itself is wrong, not its value. */
  readonly atKey?: boolean;
  readonly message: string;
};

/** `a`, `b`, `c`, as an error lists what there is. */
export function listed(names: Iterable<string>): string {
  const all = [...names].map((name) => `\`${name}\``);
  return all.length === 0 ? "none" : all.join(", ");
}

/** ` Did you mean …?`, or nothing. */
export function meant(guess: string | null): string {
  return guess === null ? "" : ` Did you mean \`${guess}\`?`;
}
