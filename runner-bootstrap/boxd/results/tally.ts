/** Counts everything, keeps a bounded part of it. */

import type { ResultCounts, ResultEvent } from "./result-events.ts";
import {
  FAILURES_A_FILE_MAX,
  FAILURES_MAX,
  FAILURE_MESSAGE_MAX,
  FAILURE_NAME_MAX,
  RESULT_NOTES_MAX,
  RESULT_NOTE_MAX,
} from "./result-events.ts";
import type { Place } from "./locate.ts";
import type { ResultSink, ToldFailure } from "./result-sink.ts";

type Kept = Omit<Extract<ResultEvent, { e: "failure" }>, "e" | "i">;

export type Tally = {
  readonly sink: ResultSink;
  readonly counts: ResultCounts;
  readonly failures: readonly Kept[];
  readonly notes: readonly string[];
};

/** Failures whose place is looked for: each costs some looks at the disk. Ours. */
const LOCATED_MAX = 2_000;
/** Masked of a text, several times what is kept of it. */
const MASKED_MAX = 4_000;

/**
 * One file's, or one stream's. `locate` answers where a failure is, when the work tree has it; `clean` masks, before a text is cut:
 * half a secret would not be known for one.
 */
export function createTally(
  locate: (failure: ToldFailure) => Place | undefined,
  clean: (text: string) => string,
): Tally {
  const cut = (text: string, max: number): string => {
    const masked = clean(text.slice(0, MASKED_MAX));
    return masked.length <= max ? masked : `${masked.slice(0, max - 1).toWellFormed()}…`;
  };
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: Kept[] = [];
  const perFile = new Map<string, number>();
  const notes = new Set<string>();
  return {
    counts,
    failures,
    get notes() {
      return [...notes];
    },
    sink: {
      passed: () => void (counts.passed += 1),
      skipped: () => void (counts.skipped += 1),
      note(text) {
        if (notes.size < RESULT_NOTES_MAX) notes.add(cut(text, RESULT_NOTE_MAX));
      },
      failed(failure) {
        counts.failed += 1;
        if (failures.length >= FAILURES_MAX || counts.failed > LOCATED_MAX) return;
        const place = locate(failure);
        const key = place?.path ?? "";
        const known = perFile.get(key) ?? 0;
        if (known >= FAILURES_A_FILE_MAX) return;
        perFile.set(key, known + 1);
        failures.push({
          name: cut(failure.name, FAILURE_NAME_MAX),
          message: cut(failure.message, FAILURE_MESSAGE_MAX),
          ...place,
        });
      },
    },
  };
}

/** Several as one; what is beyond the bounds is counted only. */
export function addTallies(tallies: readonly Pick<Tally, "counts" | "failures" | "notes">[]): {
  readonly counts: ResultCounts;
  readonly failures: readonly Kept[];
  readonly notes: readonly string[];
} {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const one of tallies) {
    counts.passed += one.counts.passed;
    counts.failed += one.counts.failed;
    counts.skipped += one.counts.skipped;
  }
  return {
    counts,
    failures: tallies.flatMap(({ failures }) => failures).slice(0, FAILURES_MAX),
    notes: [...new Set(tallies.flatMap(({ notes }) => notes))].slice(0, RESULT_NOTES_MAX),
  };
}
