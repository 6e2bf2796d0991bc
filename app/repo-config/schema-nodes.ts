import { repoConfigSchema } from "./json-schema.ts";

/** The part of JSON Schema that tells which keys stand where. */
type Node = {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node | boolean;
};

let root: Node | null = null;

/** The keys that may stand at a path of the file. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  // Made from our own schema by zod: its shape is not outside input.
  root ??= repoConfigSchema() as Node;
  let node: Node | undefined = root;
  for (const step of path) {
    const inner: Node | boolean | undefined = node?.properties?.[String(step)] ?? node?.additionalProperties;
    node = typeof inner === "object" ? inner : undefined;
  }
  return Object.keys(node?.properties ?? {});
}
