import type { CheckRunView } from "./github/control/contract.ts";
import type { Reader } from "./log-in.ts";

/** The stages of a run in order, as the App names them. */
export const PHASES = ["queue", "lease", "sync", "hydrate", "execute", "report"] as const;

/** Milliseconds; 0 for a stage that was not there. */
export type Phases = Readonly<Record<(typeof PHASES)[number], number>>;

/** What the App says about a run at `RUN_PAGE/log/run.json`. */
export type RunFacts = {
  readonly run: string;
  readonly state: string;
  readonly outcome: string | null;
  readonly attempts: number;
  readonly box: { readonly slug: string; readonly warm: boolean } | null;
  readonly costMicroUsd: number | null;
  readonly phases: Phases;
};

/** Rows that one look at a log may bring. */
const ROWS_ASKED = 500;

export type LogRow = { readonly n: number; readonly k: string; readonly s: string; readonly cut?: number };
/** `open`: the row that may still grow; null when the last one is whole. */
export type LogRows = {
  readonly total: number;
  readonly open: number | null;
  readonly rows: readonly LogRow[];
};

/** The facts on a check run's page; null while the App does not answer, or has no page for it yet. */
export async function readFacts(reader: Reader, check: CheckRunView): Promise<RunFacts | null> {
  return (await readJson(reader, check, "run.json")) as RunFacts | null;
}

/** Rows of an attempt's log from `from` on; null while the App does not answer. */
export async function readLog(
  reader: Reader,
  check: CheckRunView,
  attempt: number,
  from: number,
): Promise<LogRows | null> {
  return (await readJson(
    reader,
    check,
    `lines?attempt=${attempt}&from=${from}&count=${ROWS_ASKED}`,
  )) as LogRows | null;
}

async function readJson(reader: Reader, check: CheckRunView, path: string): Promise<unknown> {
  if (check.detailsUrl === null || !check.detailsUrl.includes("/runs/")) return null;
  try {
    const response = await reader.get(`${check.detailsUrl}/log/${path}`);
    return response.ok ? await response.json() : null;
  } catch {
    // The App is starting again, or gone: the caller asks again, within its own bound.
    return null;
  }
}
