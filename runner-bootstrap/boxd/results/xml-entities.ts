/** The five names that XML knows by itself, and characters by number. Nothing else is ever looked up or expanded. */

const PREDEFINED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** Longest reference that means something: `&#x0010FFFF;`. */
export const REFERENCE_MAX = 12;

const REFERENCE = /&(#x[0-9a-fA-F]{1,8}|#[0-9]{1,8}|[a-z]{2,4});/gu;
const LAST_CHARACTER = 0x10ffff;

/** The text with its references replaced; an unknown one stays as it is written. */
export function decodeEntities(text: string): string {
  if (!text.includes("&")) return text;
  return text.replace(REFERENCE, (whole, name: string) => {
    if (!name.startsWith("#")) return PREDEFINED[name] ?? whole;
    const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code > 0 && code <= LAST_CHARACTER ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}

/** Where to cut a text whose end may stand within a reference. */
export function cutBeforeReference(text: string): number {
  const at = text.lastIndexOf("&");
  return at === -1 || text.length - at >= REFERENCE_MAX || text.includes(";", at) ? text.length : at;
}
