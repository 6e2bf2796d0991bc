/** Keys whose text is an expression without `${{ }}` around it. */
const CONDITION_KEYS: ReadonlySet<string> = new Set(["if"]);

/** Names that expressions take from a context (`secrets.NAME`, `secrets['NAME']`), each once, as first written. */
export function namesFrom(context: "secrets" | "vars", value: unknown): readonly string[] {
  const pattern = new RegExp(
    String.raw`(?<![\w.-])${context}\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*'([^']{1,200})'\s*\])`,
    "giu",
  );
  const names = new Map<string, string>();
  for (const text of expressionsIn(value, false))
    for (const [, dotted, quoted] of text.matchAll(pattern)) {
      const name = dotted ?? quoted ?? "";
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    }
  return [...names.values()];
}

/** What stands in `${{ }}` anywhere in a value, keys of maps too, and whole conditions. */
export function* expressionsIn(value: unknown, isCondition: boolean): Generator<string> {
  if (typeof value === "string") {
    if (isCondition) yield value;
    else for (const part of value.split("${{").slice(1)) yield part.split("}}", 1)[0] ?? "";
  } else if (Array.isArray(value)) for (const one of value) yield* expressionsIn(one, false);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) {
      yield* expressionsIn(key, false);
      yield* expressionsIn(one, CONDITION_KEYS.has(key));
    }
}
