import type { ResultCounts, ResultEvent } from "../../runner-bootstrap/boxd/results/result-events.ts";

type Told = Extract<ResultEvent, { e: "results" }>;
type Failure = Extract<ResultEvent, { e: "failure" }>;

/** What the tests of one attempt said, as its row keeps it. */
export type TestResults = Omit<Told, "e">;

/** One failed test; `i` numbers them, so that one that is told twice counts once. */
export type TestFailure = Omit<Failure, "e">;

const words = new Intl.NumberFormat("en-US");

/** "1,204 passed, 3 failed, 12 skipped"; what there is none of is left out. Empty without any test. */
export function countsText({ passed, failed, skipped }: ResultCounts): string {
  return [
    passed === 0 ? "" : `${words.format(passed)} passed`,
    failed === 0 ? "" : `${words.format(failed)} failed`,
    skipped === 0 ? "" : `${words.format(skipped)} skipped`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}

/** Where the exit code and the results disagree: one sentence, or null. The exit code decides all the same. */
export function contradiction(results: TestResults, exitCode: number | undefined): string | null {
  const { passed, failed, skipped } = results;
  if (exitCode === 0 && failed > 0) {
    const tests = failed === 1 ? "1 test" : `${words.format(failed)} tests`;
    return `The command exited with 0, and its results tell of ${tests} that failed. The exit code decides.`;
  }
  if (exitCode !== undefined && exitCode !== 0 && failed === 0 && passed + skipped > 0)
    return `No test failed by the results, and the command exited with ${exitCode}: look at the log's end.`;
  return null;
}
