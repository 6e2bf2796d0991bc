export type YamlMap = Readonly<Record<string, unknown>>;

/** A YAML mapping as a plain object, or null. */
export function asMap(value: unknown): YamlMap | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return value as YamlMap;
}

/** A YAML scalar as Actions turns it into text, or null for anything else. */
export function asText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return null;
}

/** True when Actions would evaluate something inside. */
export function hasExpression(text: string): boolean {
  return text.includes("${{");
}
