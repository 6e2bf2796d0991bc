/** What the App writes on GitHub, as people at a terminal read it. */

const COST_ROW = /^\| Cost \| (?<cost>[^|]*) \|$/mu;
const ANSWER = /^---\s+^(?<answer>Answer to [\s\S]*?)(?=^---\s+^Answer to |(?![\s\S]))/mu;
const RULE_ROW = /^\|[\s:|-]+\|$/u;
const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

/** The amount in a check run's summary, without where its price comes from; null when there is none yet. */
export function costOf(summary: string): string | null {
  const cost = COST_ROW.exec(summary)?.groups?.["cost"];
  const amount = plain(cost ?? "")
    .replace(/ \(.*/u, "")
    .trim();
  return amount.includes("$") ? amount : null;
}

/** The newest answer in the App's comment, as Markdown; null when there is none. */
export function newestAnswer(comment: string): string | null {
  return ANSWER.exec(comment)?.groups?.["answer"]?.trim() ?? null;
}

/** Markdown and the little HTML of the App's reports as plain lines: tables as columns, marks left out. */
export function plainLines(markdown: string): string[] {
  return markdown
    .replaceAll(/<!--[\s\S]*?-->/gu, "")
    .split("\n")
    .map((line) => line.trimEnd())
    .filter(
      (line) => line !== "" && !RULE_ROW.test(line) && !/^\|[\s|]*\|$/u.test(line) && !line.startsWith("```"),
    )
    .map((line) => plain(/^\|.*\|$/u.test(line) ? columns(line) : line));
}

function columns(row: string): string {
  return row
    .slice(1, -1)
    .split(/(?<!\\)\|/u)
    .map((cell) => cell.trim())
    .join("  ·  ");
}

function plain(text: string): string {
  return text
    .replaceAll(/<\/?code>/gu, "")
    .replaceAll(/\[(?<label>[^\]]*)\]\([^)]*\)/gu, "$<label>")
    .replaceAll(/\\(?<sign>[\\`*_[\]{}<>&|~$#!+=^])/gu, "$<sign>")
    .replaceAll(/&#(?<code>\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll(/&(?<name>amp|lt|gt|quot);/gu, (_, name: string) => ENTITIES[name] ?? "")
    .replaceAll(/[`\u2060]|\*\*/gu, "");
}
