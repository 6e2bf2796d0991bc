/** A YAML value with its place, so that a fault can say where it is. Anchors are already followed. */
export type Located = Spot &
  (
    | { readonly kind: "scalar"; readonly value: null | boolean | number | string }
    | { readonly kind: "list"; readonly items: readonly Located[] }
    | { readonly kind: "map"; readonly entries: readonly Entry[] }
  );

export type Entry = { readonly key: string; readonly at: Spot; readonly value: Located };

/** Line and column count from 1. */
export type Spot = { readonly line: number; readonly column: number };

/** What is wrong with a file, and where. `message` is a sentence for people. */
export type FileFault = Spot & { readonly message: string };

/** Thrown inside the readers of a file and caught at their one entry: a file's first fault ends its reading. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly fault: FileFault;

  constructor(at: Spot, message: string) {
    super(message);
    this.fault = { line: at.line, column: at.column, message };
  }
}

/** The values of a map by key; throws `FileError` for anything else. An empty value counts as an empty map. */
export function entriesOf(value: Located, what: string): readonly Entry[] {
  if (value.kind === "map") return value.entries;
  if (isNothing(value)) return [];
  throw new FileError(value, `${what} must be a mapping.`);
}

/** The value under a key; undefined when it is not there. */
export function valueAt(entries: readonly Entry[], key: string): Located | undefined {
  return entries.find((entry) => entry.key === key)?.value;
}

/** A scalar as Actions turns it into text, nothing being the empty text; throws `FileError` for a list or a map. */
export function textOf(value: Located, what: string): string {
  if (value.kind !== "scalar") throw new FileError(value, `${what} must be plain text.`);
  return value.value === null ? "" : String(value.value);
}

/** As `textOf`, and not empty. */
export function filledText(value: Located, what: string): string {
  const text = textOf(value, what);
  if (text === "") throw new FileError(value, `${what} must not be empty.`);
  return text;
}

/** A map of texts. */
export function textsOf(value: Located | undefined, what: string): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  return Object.fromEntries(
    entriesOf(value, what).map((entry) => [entry.key, textOf(entry.value, `${what}: ${entry.key}`)]),
  );
}

export function isNothing(value: Located): boolean {
  return value.kind === "scalar" && value.value === null;
}
