/** One line of TAP, versions 12 to 14. */

export type TapLine =
  | { readonly kind: "version"; readonly version: number }
  | { readonly kind: "plan"; readonly count: number; readonly reason: string }
  | {
      readonly kind: "point";
      readonly ok: boolean;
      readonly number: number | undefined;
      readonly name: string;
      readonly mark: "todo" | "skip" | undefined;
    }
  | { readonly kind: "bail"; readonly reason: string }
  | { readonly kind: "comment"; readonly text: string }
  | { readonly kind: "other" };

const OTHER: TapLine = { kind: "other" };
const POINT = /^(not )?ok\b(?: +([0-9]{1,15}))?(?![0-9])(?: +- )?(.*)$/u;
const PLAN = /^1\.\.([0-9]{1,15})(?:\s+#\s*(.*))?\s*$/u;
const VERSION = /^TAP version ([0-9]{1,3})\s*$/iu;
/** A hash that is not escaped, behind white space or at the begin. */
const DIRECTIVE = /(?:^|\s)#\s*(todo|skip\S*)\b/iu;

/** Reads a line without its indentation. */
export function readTapLine(line: string): TapLine {
  switch (line[0]) {
    case "o":
    case "n":
      return pointOf(line);
    case "1": {
      const plan = PLAN.exec(line);
      return plan === null ? OTHER : { kind: "plan", count: Number(plan[1]), reason: plan[2] ?? "" };
    }
    case "T":
    case "t": {
      const version = VERSION.exec(line);
      return version === null ? OTHER : { kind: "version", version: Number(version[1]) };
    }
    case "B":
      return line.startsWith("Bail out!") ? { kind: "bail", reason: line.slice(9).trim() } : OTHER;
    case "#":
      return { kind: "comment", text: line.slice(1).trimStart() };
    case undefined:
    default:
      return OTHER;
  }
}

function pointOf(line: string): TapLine {
  const match = POINT.exec(line);
  if (match === null) return OTHER;
  const rest = match[3] ?? "";
  const directive = DIRECTIVE.exec(rest);
  const name = (directive === null ? rest : rest.slice(0, directive.index)).trim();
  return {
    kind: "point",
    ok: match[1] === undefined,
    number: match[2] === undefined ? undefined : Number(match[2]),
    name: name.replace(/^- /u, "").replaceAll("\\#", "#"),
    mark: directive === null ? undefined : directive[1]?.toLowerCase() === "todo" ? "todo" : "skip",
  };
}
