import { toAppError } from "../errors.ts";

/** What is looked at, in the order of the report. */
export const AREAS = ["settings", "state", "store", "clock", "github", "webhook", "provider"] as const;
export type Area = (typeof AREAS)[number];

/** `warn`: works, but not as meant. `fail`: runs will not work. */
export type Level = "ok" | "warn" | "fail";

/** One thing that was looked at. */
export type Finding = {
  readonly area: Area;
  readonly level: Level;
  /** What was found, one sentence. */
  readonly what: string;
  /** What to do; null when nothing is to be done. */
  readonly cure: string | null;
};

/** Looks at one thing and answers all it found. What it throws is a finding, too. */
export type Look = (signal: AbortSignal) => Promise<readonly Finding[]>;

/** A finding that needs no cure. */
export function ok(area: Area, what: string): Finding {
  return { area, level: "ok", what, cure: null };
}

/** A finding with its cure. */
export function fault(area: Area, what: string, cure: string, level: Exclude<Level, "ok"> = "fail"): Finding {
  return { area, level, what, cure };
}

/** An error as a finding: its message and its hint. */
export function faultOf(area: Area, thrown: unknown): Finding {
  const { message, hint } = toAppError(thrown);
  return fault(area, message, hint);
}
