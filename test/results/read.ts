import type {
  ResultParser,
  ResultSink,
  ToldFailure,
} from "../../runner-bootstrap/boxd/results/result-sink.ts";
import { ResultError } from "../../runner-bootstrap/boxd/results/result-sink.ts";

export type Said = {
  passed: number;
  skipped: number;
  readonly failed: ToldFailure[];
  readonly notes: string[];
  problem: string | null;
};

/** Reads `text` in the pieces that `cuts` make of its bytes. */
export function read(
  make: (sink: ResultSink) => ResultParser,
  text: string | Buffer,
  cuts: readonly number[] = [],
): Said {
  const said: Said = { passed: 0, skipped: 0, failed: [], notes: [], problem: null };
  const parser = make({
    passed: () => void (said.passed += 1),
    skipped: () => void (said.skipped += 1),
    failed: (failure) => void said.failed.push(failure),
    note: (note) => void said.notes.push(note),
  });
  const bytes = Buffer.from(text);
  try {
    let from = 0;
    for (const cut of [...cuts.map((one) => one % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]) {
      parser.push(bytes.subarray(from, cut));
      from = cut;
    }
    parser.end();
  } catch (error) {
    if (!(error instanceof ResultError)) throw error;
    said.problem = error.message;
  }
  return said;
}
