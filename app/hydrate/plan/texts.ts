/** All text in a value, keys of maps too. */
export function* textsIn(value: unknown): Generator<string> {
  if (typeof value === "string") yield value;
  else if (Array.isArray(value)) for (const one of value) yield* textsIn(one);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) {
      yield key;
      yield* textsIn(one);
    }
}

/** Names that expressions take from a context (`secrets.NAME`, `secrets['NAME']`), each once, as first written. */
export function namesFrom(context: "secrets" | "vars", value: unknown): readonly string[] {
  const pattern = new RegExp(
    String.raw`(?<![\w.-])${context}\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*'([^']{1,200})'\s*\])`,
    "giu",
  );
  const names = new Map<string, string>();
  for (const text of textsIn(value))
    for (const [, dotted, quoted] of text.matchAll(pattern)) {
      const name = dotted ?? quoted ?? "";
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    }
  return [...names.values()];
}
