import type { YAMLError } from "yaml";

const COLON = "A value that holds `: ` needs quotes, or stands in lines of its own below `key: |`.";
const SPACE = "A space belongs between `:` and the value.";
const INDENT = "Keys that belong together start in the same column, and so do the items of a list.";
const BRACES = "A value with `${{ }}` inside of { } or [ ] needs quotes.";
const QUOTE =
  "A value that begins with a quote ends with that quote: put the whole value in the other kind of quotes, or below `key: |`.";
const OPEN = "What is opened further up is not closed.";
/** What the parser says where `${{` stands in a flow collection, and elsewhere, too. */
const IN_BRACES: ReadonlySet<YAMLError["code"]> = new Set(["BAD_INDENT", "MISSING_CHAR", "UNEXPECTED_TOKEN"]);
const CURES: ReadonlyMap<YAMLError["code"], string> = new Map([
  ["TAB_AS_INDENT", "Indent with spaces."],
  ["BAD_SCALAR_START", "Put the value in quotes."],
  ["BAD_DQ_ESCAPE", "In double quotes a backslash is written twice, in single quotes it stands for itself."],
]);

/** What an error of the YAML parser most often comes from, in the words of who wrote the file; empty when nothing can be said. */
export function yamlCure(text: string, { code, pos }: Pick<YAMLError, "code" | "pos">): string {
  const [at] = pos;
  const start = text.lastIndexOf("\n", at - 1) + 1;
  const line = text.slice(start).split("\n", 1)[0] ?? "";
  const before = line.slice(0, at - start);
  const rest = line.slice(at - start);
  if (line.includes("${{") && IN_BRACES.has(code)) return BRACES;
  if (code === "BLOCK_AS_IMPLICIT_KEY")
    return /: |:$/u.test(rest.trimEnd()) && before.trim() !== "" ? COLON : INDENT;
  if (code === "MULTILINE_IMPLICIT_KEY") return /^[\w-]+:\S/u.test(rest) ? SPACE : INDENT;
  if (code === "MISSING_CHAR" && at >= text.trimEnd().length) return OPEN;
  if (code === "UNEXPECTED_TOKEN" && /^\s*(?:- +)?[\w-]+: +["']/u.test(before)) return QUOTE;
  if (IN_BRACES.has(code)) return before.trim() === "" || code === "BAD_INDENT" ? INDENT : "";
  return CURES.get(code) ?? "";
}
