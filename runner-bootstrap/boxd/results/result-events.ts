/** What boxd tells of test results, one bounded event each; dependency-free, because the App reads them. */

/** Counts that tests of one run gave. */
export type ResultCounts = { readonly passed: number; readonly failed: number; readonly skipped: number };

export type ResultFormat = "junit" | "tap" | "go";

export type ResultEvent =
  | ({
      readonly e: "results";
      /** Files win: what the command printed counts only where there are none. */
      readonly from: "files" | "output";
      readonly formats: readonly ResultFormat[];
      /** Files read; 0 for output. */
      readonly files: number;
      /** What does not add up, or was left out; one sentence each. */
      readonly notes: readonly string[];
    } & ResultCounts)
  | {
      readonly e: "failure";
      /** Numbers the failures that are told, from 0. */
      readonly i: number;
      readonly name: string;
      readonly message: string;
      /** Relative to the work tree; a file that was there. */
      readonly path?: string;
      /** Counts from 1. */
      readonly line?: number;
    };

/** Failures told in full; all are counted. Three calls to GitHub at 50 annotations each. */
export const FAILURES_MAX = 150;
/** Of these, one file's: others' should be seen, too. */
export const FAILURES_A_FILE_MAX = 15;
export const FAILURE_NAME_MAX = 300;
export const FAILURE_MESSAGE_MAX = 1_000;
export const RESULT_NOTES_MAX = 10;
export const RESULT_NOTE_MAX = 300;
