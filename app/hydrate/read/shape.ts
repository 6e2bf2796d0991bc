/** Which expressions a place may hold: names of contexts, and functions beside the built-in ones, as in GitHub's schema. */
export type Contexts = { readonly contexts: readonly string[]; readonly functions?: readonly string[] };

/**
 * What may stand at a place of a workflow. `expressions` adds to what the places above allow; where nothing is allowed, `${{ }}` is a
 * fault. Where something is, one expression may stand for anything, as on GitHub.
 */
export type Shape = (
  | {
      readonly kind: "text";
      readonly mayBeEmpty?: boolean;
      readonly words?: readonly string[];
      readonly isCondition?: boolean;
    }
  | { readonly kind: "boolean" | "number" | "null" | "any" }
  | { readonly kind: "list"; readonly of: Shape }
  | {
      readonly kind: "map";
      readonly keys: Readonly<Record<string, Shape>>;
      readonly required?: readonly string[];
      /** Any other key. */
      readonly rest?: Shape;
      /** Keys that belong elsewhere, with what to do. */
      readonly misplaced?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "either"; readonly of: readonly Shape[] }
  /** Decided by the keys that stand there. */
  | { readonly kind: "by-keys"; readonly choose: (keys: ReadonlySet<string>) => Shape }
) & { readonly expressions?: Contexts };

export const TEXT: Shape = { kind: "text", mayBeEmpty: true };
/** Text that is not empty. */
export const WORD: Shape = { kind: "text" };
export const BOOLEAN: Shape = { kind: "boolean" };
export const NUMBER: Shape = { kind: "number" };
export const NULL: Shape = { kind: "null" };
export const ANY: Shape = { kind: "any" };

export function oneOf(...words: readonly string[]): Shape {
  return { kind: "text", words };
}

export function either(...of: readonly Shape[]): Shape {
  return { kind: "either", of };
}

export function listOf(of: Shape): Shape {
  return { kind: "list", of };
}

/** One, or a list of them. */
export function oneOrMore(of: Shape): Shape {
  return either(of, listOf(of));
}

export function mapOf(keys: Readonly<Record<string, Shape>>, ...required: readonly string[]): Shape {
  return { kind: "map", keys, required };
}

/** A map with names of the author's choice. */
export function namesTo(rest: Shape): Shape {
  return { kind: "map", keys: {}, rest };
}

export function withExpressions(shape: Shape, expressions: Contexts): Shape {
  return { ...shape, expressions };
}
