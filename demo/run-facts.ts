import type { CheckRunView } from "./github/control/contract.ts";

/** The stages of a run in order, as the App names them. */
export const PHASES = ["queue", "lease", "sync", "hydrate", "execute", "report"] as const;

/** Milliseconds; 0 for a stage that was not there. */
export type Phases = Readonly<Record<(typeof PHASES)[number], number>>;

/** What the App says about a run at `LOG_LINK/run.json`. */
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
/** The App runs on this machine; it may be in the middle of a restart. */
const TIMEOUT_MS = 10_000;

export type LogRow = { readonly n: number; readonly k: string; readonly s: string; readonly cut?: number };
/** `open`: the row that may still grow; null when the last one is whole. */
export type LogRows = {
  readonly total: number;
  readonly open: number | null;
  readonly rows: readonly LogRow[];
};

/** The facts behind a check run's log link; null while the App does not answer, or has no link yet. */
export async function readFacts(check: CheckRunView): Promise<RunFacts | null> {
  return (await readJson(check, "run.json")) as RunFacts | null;
}

/** Rows of an attempt's log from `from` on; null while the App does not answer. */
export async function readLog(check: CheckRunView, attempt: number, from: number): Promise<LogRows | null> {
  return (await readJson(
    check,
    `lines?attempt=${attempt}&from=${from}&count=${ROWS_ASKED}`,
  )) as LogRows | null;
}

async function readJson(check: CheckRunView, path: string): Promise<unknown> {
  if (check.detailsUrl === null || !check.detailsUrl.includes("/logs/")) return null;
  try {
    const response = await fetch(`${check.detailsUrl}/${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return response.ok ? await response.json() : null;
  } catch {
    // The App is starting again, or gone: the caller asks again, within its own bound.
    return null;
  }
}
