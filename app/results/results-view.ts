import { shortLine } from "../clamp.ts";
import type { Attempt } from "../store/rows.ts";
import type { StepTime } from "../runs/step-time.ts";
import { stepsSaid } from "./phase-said.ts";
import { contradiction, countsText } from "./test-results.ts";

/** Plain values for the check; escaping is the templates' business. */
export type ResultsView = {
  readonly counts: string;
  /** Where they come from. */
  readonly from: string;
  readonly notes: readonly string[];
  readonly failures: readonly FailureRow[];
  /** What the table leaves out; null when nothing. */
  readonly more: string | null;
};

export type FailureRow = {
  readonly name: string;
  readonly message: string;
  /** Null without a place in the work tree. */
  readonly place: { readonly label: string; readonly url: string } | null;
};

export type RemarkRow = { readonly level: string; readonly step: string } & Omit<FailureRow, "name">;

export type SummaryView = { readonly step: string; readonly markdown: string };

/** Rows of a check's summary; annotations and the log have more. */
const FAILURE_ROWS = 20;
const REMARK_ROWS = 10;
/** Of a check's text, beside the log's end: 64 KiB hold both. */
const SUMMARIES_SHOWN = 3;
const NAME_BYTES = 200;
const MESSAGE_BYTES = 300;

const FORMATS = { junit: "JUnit", tap: "TAP", go: "go test -json" } as const;

/** What the tests of an attempt said; null when nothing was collected. `blob`: a commit's files on GitHub. */
export function resultsView(attempt: Attempt | null, blob: string): ResultsView | null {
  const results = attempt?.phases.collect?.results;
  if (attempt === null || results === undefined) return null;
  const failures = attempt.phases.collect?.failures ?? [];
  const shown = failures.slice(0, FAILURE_ROWS);
  const formats = results.formats.map((format) => FORMATS[format]).join(", ");
  const files = results.files === 1 ? "1 file" : `${results.files} files`;
  const against = contradiction(results, attempt.exit?.code);
  return {
    counts: countsText(results) || "no tests",
    from: results.from === "output" ? `${formats} in the output` : `${formats || "no results"} in ${files}`,
    notes: [...(against === null ? [] : [against]), ...results.notes],
    failures: shown.map(({ name, message, path, line }) => ({
      name: shortLine(name, NAME_BYTES),
      message: shortLine(message, MESSAGE_BYTES),
      place: placeOf(blob, path, line),
    })),
    more: results.failed > shown.length ? `${results.failed - shown.length} more failed.` : null,
  };
}

/** What steps said about files or in general. */
export function remarkRows(attempt: Attempt | null, blob: string): readonly RemarkRow[] {
  if (attempt === null) return [];
  const { steps, remarks } = stepsSaid(attempt.phases);
  return remarks.slice(0, REMARK_ROWS).map(({ n, level, title, message, path, line }) => ({
    level,
    step: stepName(steps, n),
    message: shortLine(title === undefined ? message : `${title}: ${message}`, MESSAGE_BYTES),
    place: placeOf(blob, path, line),
  }));
}

/** Summaries of steps, the first ones. */
export function summaryViews(attempt: Attempt | null): readonly SummaryView[] {
  if (attempt === null) return [];
  const { steps, summaries } = stepsSaid(attempt.phases);
  return summaries
    .slice(0, SUMMARIES_SHOWN)
    .map(({ n, markdown }) => ({ step: stepName(steps, n), markdown }));
}

function stepName(steps: readonly StepTime[], n: number): string {
  return steps.find((step) => step.n === n)?.name ?? `step ${n}`;
}

function placeOf(blob: string, path: string | undefined, line: number | undefined): FailureRow["place"] {
  if (path === undefined) return null;
  const url = `${blob}/${path.split("/").map(encodeURIComponent).join("/")}`;
  return line === undefined ? { label: path, url } : { label: `${path}:${line}`, url: `${url}#L${line}` };
}
