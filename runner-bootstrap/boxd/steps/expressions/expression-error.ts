/** The one error of this room: an expression that cannot be understood or evaluated, with the place in its text. */

/** Foreign text quoted in a message is cut here, so that no message grows with what was written. */
const QUOTE_MAX_CHARS = 60;

/**
 * Thrown by everything here that reads or evaluates expressions, and nothing else is. The message is for people: what was found,
 * then what is allowed. `line` and `column` count from 1 within the text that the caller gave; `offset` from 0.
 */
export class ExpressionError extends Error {
  readonly offset: number;
  readonly line: number;
  readonly column: number;

  constructor(message: string, text: string, offset: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "ExpressionError";
    this.offset = Math.max(0, Math.min(offset, text.length));
    const before = text.slice(0, this.offset);
    const lineStart = before.lastIndexOf("\n") + 1;
    this.line = before.split("\n").length;
    this.column = this.offset - lineStart + 1;
  }
}

/** The same error seen from a longer text, in which the first one began at `start`. */
export function within(error: ExpressionError, text: string, start: number): ExpressionError {
  return new ExpressionError(error.message, text, start + error.offset, error.cause);
}

/** Foreign text as it may stand in a message: on one line, in quotes, short. */
export function quote(text: string): string {
  const shown = text.slice(0, QUOTE_MAX_CHARS).replaceAll(/\p{C}/gu, " ");
  return `'${shown}${text.length > QUOTE_MAX_CHARS ? "…" : ""}'`;
}
