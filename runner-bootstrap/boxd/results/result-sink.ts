/** Where the parsers put what they read, and what all of them are. */

/** One test that failed, as its file tells it: hostile text, cut to bounds. */
export type ToldFailure = {
  readonly name: string;
  readonly message: string;
  /** Where places in files are looked for: a stack trace, diagnostics; `TRACE_MAX` at the most. */
  readonly trace: string;
  readonly file?: string;
  readonly line?: number;
  /** A Go package or a Java class: says where a bare file name lies. */
  readonly scope?: string;
};

export type ResultSink = {
  passed(): void;
  skipped(): void;
  failed(failure: ToldFailure): void;
  /** Something that does not add up. */
  note(text: string): void;
};

/**
 * Reads one file or stream in any pieces; the result never depends on where they were cut. What was told up to a fault
 * stays.
 */
export type ResultParser = {
  /** Throws `ResultError` at the first fault; not to be called again after. */
  push(bytes: Uint8Array): void;
  /** Throws `ResultError` when it ends too early. */
  end(): void;
};

/** Why a file is not read (any further); the message completes "The file ...". */
export class ResultError extends Error {
  override readonly name = "ResultError";
  /** True when it is something else, not a broken file of results. */
  readonly isOther: boolean;

  constructor(message: string, isOther = false) {
    super(message);
    this.isOther = isOther;
  }
}

/** Characters kept of what says where a test failed; a stack's first frames. */
export const TRACE_MAX = 16 * 1024;

/** A text of at most `TRACE_MAX` characters that grows by pieces; the same whatever the pieces. */
export type BoundedText = { add(piece: string): void; readonly text: string };

/** An empty one. */
export function createBoundedText(max: number = TRACE_MAX): BoundedText {
  let text = "";
  return {
    add(piece) {
      if (text.length < max) text += piece.slice(0, max - text.length);
    },
    get text() {
      return text;
    },
  };
}

/** The first line that says something, without what stands around it. */
export function firstWords(text: string): string {
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? ""
  );
}
