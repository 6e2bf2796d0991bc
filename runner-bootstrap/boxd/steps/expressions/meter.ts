/** Bounds what one evaluation may make and do, so that an expression can neither fill the memory nor hold the engine up. */

/** Bytes of one value, counted as the official runner counts (PipelineTemplateEvaluator.cs, MaxResultSize). */
const RESULT_MAX_BYTES = 10 * 1024 * 1024;

/** Bytes handled in one evaluation, values that were dropped again too: some tenths of a second of work. Ours. */
const WORK_MAX_BYTES = 256 * 1024 * 1024;

/** What a text weighs beside its letters (actions/runner MemoryCounter.cs, StringBaseOverhead). */
const TEXT_OVERHEAD_BYTES = 26;
const LETTER_BYTES = 2;

/** Thrown when a bound is passed; the evaluator gives it its place. */
export class TooMuch extends Error {}

export type Meter = {
  /** Counts a text that was handled; gives it back. */
  readonly text: (text: string) => string;
  /** Counts other work, in bytes. */
  readonly work: (bytes: number) => void;
  /** Collects the parts of one value; throws before the value would be too large. */
  readonly collector: () => { readonly add: (part: string) => void; readonly size: (bytes: number) => void };
};

/** A meter for one evaluation. */
export function makeMeter(): Meter {
  let handled = 0;
  const work = (bytes: number): void => {
    handled += bytes;
    if (handled > WORK_MAX_BYTES)
      throw new TooMuch(
        `the expression handles more than ${WORK_MAX_BYTES / 1024 / 1024} MB while it is evaluated`,
      );
  };
  const collector = (): ReturnType<Meter["collector"]> => {
    let made = 0;
    const size = (bytes: number): void => {
      made += bytes;
      if (made > RESULT_MAX_BYTES)
        throw new TooMuch(
          `the value is larger than ${RESULT_MAX_BYTES / 1024 / 1024} MB, the most that GitHub allows`,
        );
      work(bytes);
    };
    return { size, add: (part) => size(weigh(part)) };
  };
  return {
    work,
    collector,
    text: (text) => {
      work(weigh(text));
      return text;
    },
  };
}

function weigh(text: string): number {
  return TEXT_OVERHEAD_BYTES + text.length * LETTER_BYTES;
}
