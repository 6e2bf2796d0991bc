/** Markup that is safe to send: made by `html` alone, which escapes everything that it did not make itself. */
export type Html = { readonly html: string; readonly [SAFE]: true };

export type Piece = Html | string | number | null | false | readonly Html[];

const SAFE: unique symbol = Symbol("safe markup");
const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template of markup; values are text, and become nothing else. Attributes must stand in quotation marks. */
export function html(strings: TemplateStringsArray, ...values: readonly Piece[]): Html {
  const parts = strings.map((text, at) => text + (at < values.length ? render(values[at] ?? null) : ""));
  return raw(parts.join(""));
}

/** Text with everything escaped that could be markup. */
export function escapeText(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** Declares text as markup: only for what was escaped piece by piece. */
export function raw(text: string): Html {
  return { html: text, [SAFE]: true };
}

function render(value: Piece): string {
  if (value === null || value === false) return "";
  if (typeof value === "string") return escapeText(value);
  if (typeof value === "number") return String(value);
  return "html" in value ? value.html : value.map((one) => one.html).join("");
}
