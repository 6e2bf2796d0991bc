import { expressionsOf } from "../../../runner-bootstrap/boxd/steps/expressions/segments.ts";

/** Keys whose text is an expression without `${{ }}` around it. */
const CONDITION_KEYS: ReadonlySet<string> = new Set(["if"]);
/** A context in brackets of its own: those of a call stand behind a name. */
const GROUPED = /\((?<![\w-]\s*\()\s*(secrets|vars|env|github)\s*\)/giu;
/** Brackets around brackets that are taken away; each needs two characters of a text. */
const MAX_GROUPS = 50;
/** `github.token` by any of its names, and a whole context from which it could be taken. */
const ASKS_FOR_TOKEN =
  /(?<![\w.-])(?:github\s*(?:\.\s*(?:token\b|\*)|\[|[),|&=!}])|secrets\s*(?:\.\s*github_token\b|\[\s*'github_token'))/iu;

/** Names that expressions take from a context (`secrets.NAME`, `secrets['NAME']`), each once, as first written. */
export function namesFrom(context: "secrets" | "vars" | "env", value: unknown): readonly string[] {
  const pattern = new RegExp(
    String.raw`(?<![\w.-])${context}\s*(?:\.\s*([A-Za-z_][\w-]*)|\[\s*'([^']{1,200})'\s*\])`,
    "giu",
  );
  const names = new Map<string, string>();
  for (const text of expressionsIn(value, false))
    for (const [, dotted, quoted] of ungrouped(text).matchAll(pattern)) {
      const name = dotted ?? quoted ?? "";
      if (!names.has(name.toLowerCase())) names.set(name.toLowerCase(), name);
    }
  return [...names.values()];
}

/** What stands in `${{ }}` anywhere in a value, keys of maps too, and whole conditions. */
export function* expressionsIn(value: unknown, isCondition: boolean): Generator<string> {
  if (typeof value === "string") {
    if (isCondition) yield value;
    else yield* expressionsOf(value);
  } else if (Array.isArray(value)) for (const one of value) yield* expressionsIn(one, false);
  else if (typeof value === "object" && value !== null)
    for (const [key, one] of Object.entries(value)) {
      yield* expressionsIn(key, false);
      yield* expressionsIn(one, CONDITION_KEYS.has(key));
    }
}

/** The text with `secrets` in the stead of `(secrets)`, which means the same. */
export function ungrouped(text: string): string {
  let now = text;
  for (let round = 0; round < MAX_GROUPS; round += 1) {
    const next = now.replace(GROUPED, "$1");
    if (next === now) break;
    now = next;
  }
  return now;
}

/** Whether something in a value may take GitHub's own token. */
export function namesToken(value: unknown): boolean {
  return someText(value, (text) => ASKS_FOR_TOKEN.test(text) || ASKS_FOR_TOKEN.test(ungrouped(text)));
}

/** Whether one of the texts in a value, whole as written, answers to the question. */
export function someText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === "string") return holds(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one) => someText(one, holds));
}
