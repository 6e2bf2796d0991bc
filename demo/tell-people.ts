import { stripVTControlCharacters } from "node:util";
import { PHASES } from "./run-facts.ts";
import type { Finished, Teller, Told } from "./teller.ts";

const ESCAPE = "\u001b";
const RESET = `${ESCAPE}[0m`;
const COLOUR = new RegExp(String.raw`${ESCAPE}\[[0-9;:]*m`, "gu");
const STYLES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34, cyan: 36 } as const;
type Style = keyof typeof STYLES;
type Paint = (style: Style, text: string) => string;

const INDENT = "  ";

/** The story in plain language for a terminal; without colours where they are not wanted. */
export function tellPeople(write: (text: string) => void, colours: boolean): Teller {
  const paint: Paint = (style, text) => (colours ? `${ESCAPE}[${STYLES[style]}m${text}${RESET}` : text);
  const line = (text: string): void => write(`${text}\n`);
  return {
    tell(kind, text, data = {}) {
      const url = typeof data["url"] === "string" ? `${INDENT}${paint("dim", data["url"])}` : "";
      if (kind === "answer") line(`${INDENT}The App's comment answers:${url}\n${quote(text, paint)}`);
      else line(`${dress(kind, text, paint)}${kind === "ready" ? "" : url}`);
    },
    log(_run, text) {
      const bar = paint("dim", "│");
      for (const row of text.replace(/\n$/u, "").split("\n"))
        line(`${INDENT}${INDENT}${bar} ${safe(row, colours)}${colours ? RESET : ""}`);
    },
    finished(run) {
      for (const row of summary(run, paint)) line(`${INDENT}${row}`);
    },
  };
}

/** What a person reads the mark by stands first; the rest is the text. */
function dress(kind: Told, text: string, paint: Paint): string {
  const indented = text.split("\n").join(`\n${INDENT}${INDENT}`);
  switch (kind) {
    case "chapter":
      return `\n${paint("bold", text)}`;
    case "comment":
      return `${INDENT}${paint("cyan", "»")} ${paint("cyan", indented)}`;
    case "act":
      return `${INDENT}${paint("cyan", "»")} ${indented}`;
    case "reaction":
      return `${INDENT}${paint("dim", indented)}`;
    case "run":
      return `${INDENT}${paint("blue", "●")} ${indented}`;
    case "mark":
      return `${INDENT}${INDENT}${paint("dim", `╴ ${indented}`)}`;
    case "proof":
      return `${INDENT}${paint("green", "✓")} ${indented}`;
    case "problem":
      return `${INDENT}${paint("red", "✗")} ${indented}`;
    case "answer":
    case "look":
    case "note":
      return `${INDENT}${indented}`;
    case "ready":
    case "end":
      return `\n${text}`;
  }
}

function quote(text: string, paint: Paint): string {
  const bar = paint("dim", "│");
  return text
    .split("\n")
    .map((row) => `${INDENT}${INDENT}${bar} ${row}`)
    .join("\n");
}

function summary(run: Finished, paint: Paint): string[] {
  const mark = markOf(run.check.conclusion, paint);
  const { phases, box } = run.facts;
  const times = PHASES.filter((name) => phases[name] > 0).map((name) => `${name} ${duration(phases[name])}`);
  const facts = [
    ...times,
    ...(run.cost === null ? [] : [`cost ${run.cost}`]),
    ...(box === null ? [] : [`box ${box.slug}${box.warm ? " (warm)" : ""}`]),
  ].join(" · ");
  return [
    `${mark} ${paint("bold", run.check.name)}: ${run.check.output.title ?? run.outcome} (${run.outcome})`,
    `${INDENT}${facts}`,
    `${INDENT}check run  ${paint("dim", run.checkUrl)}`,
    ...(run.check.detailsUrl === null ? [] : [`${INDENT}live log   ${paint("dim", run.check.detailsUrl)}`]),
  ];
}

function markOf(conclusion: string | null, paint: Paint): string {
  if (conclusion === "success") return paint("green", "✔");
  return conclusion === "failure" || conclusion === "timed_out" ? paint("red", "✘") : paint("yellow", "○");
}

/** A duration as people read it: `80 ms`, `1.2 s`, `3 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Output of a command may colour itself, but not move the cursor or talk to the terminal. */
function safe(row: string, colours: boolean): string {
  // Carriage returns draw over what stands there: only the last drawing counts.
  const last = row.replace(/\r+$/u, "").split("\r").at(-1) ?? "";
  if (!colours) return bare(last);
  let [text, from] = ["", 0];
  for (const match of last.matchAll(COLOUR)) {
    text += bare(last.slice(from, match.index)) + match[0];
    from = match.index + match[0].length;
  }
  return text + bare(last.slice(from));
}

function bare(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/(?!\t)[\p{Cc}\p{Bidi_Control}]/gu, "");
}
