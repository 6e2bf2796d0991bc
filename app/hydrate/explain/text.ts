import { plainText } from "../../plain-text.ts";
import type { ExplainedJob, Explanation, JobVerdict, StepRow } from "./types.ts";

const VERDICTS: Readonly<Record<JobVerdict, string>> = {
  runs: "runs",
  lacking: "runs, but something is missing",
  skipped: "is skipped",
  depends: "depends on other jobs",
  cannot: "cannot run here",
};
const SHA_SHOWN_CHARS = 12;
const MAX_CELL_CHARS = 60;

/** The explanation as a table for people. Control characters of foreign text are made visible. */
export function explanationText(explanation: Explanation): string {
  const end = {
    runs: "everything can run",
    lacking: "runs, but something is missing",
    cannot: "not everything can run here",
  };
  const parts = explanation.jobs.map(jobText);
  return `${[...parts, `Verdict: ${end[explanation.verdict]}.`].join("\n\n")}\n`;
}

function jobText(job: ExplainedJob): string {
  const lines = [
    `Job ${clean(job.id)} ${VERDICTS[job.verdict]}${job.reason === "" ? "" : `: ${clean(job.reason)}`}`,
  ];
  if (job.needs.length > 0) lines.push(`  waits for ${job.needs.map(clean).join(", ")}`);
  if (job.runs.length > 1) lines.push(`  runs ${job.runs.length} times: ${job.runs.map(clean).join(", ")}`);
  for (const { matrix, reason } of job.leftOut)
    lines.push(`  left out: ${clean(JSON.stringify(matrix))}: ${clean(reason)}`);
  if (job.calls !== null) lines.push(`  calls ${clean(job.calls)}`);
  lines.push(...table(job.steps.map(cellsOf)));
  const named = (what: string, list: ExplainedJob["secrets"]): void => {
    const shown = list.map(({ name, given }) => `${clean(name)}${given ? "" : " (not given)"}`);
    if (shown.length > 0) lines.push(`  ${what}: ${shown.join(", ")}`);
  };
  named("secrets", job.secrets);
  named("variables", job.variables);
  for (const { level, reason, place } of job.lacks)
    lines.push(
      `  ${level === "note" ? "note" : level === "lack" ? "missing" : "cannot"}: ${clean(reason)} (${clean(place.path)}:${place.line})`,
    );
  return lines.join("\n");
}

function cellsOf(row: StepRow): readonly string[] {
  const pin = row.sha === null ? "" : row.sha.slice(0, SHA_SHOWN_CHARS);
  const state = row.reason === "" ? row.state : `${row.state}: ${row.reason}`;
  return [row.n, cut(clean(row.name)), row.using ?? row.kind, pin, clean(state)];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}

function cut(text: string): string {
  return text.length > MAX_CELL_CHARS ? `${text.slice(0, MAX_CELL_CHARS - 1)}…` : text;
}

function clean(text: string): string {
  return plainText(text).replaceAll(/\s+/gu, " ");
}
