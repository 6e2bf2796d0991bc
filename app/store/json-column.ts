import { AppError } from "../errors.ts";

/** A JSON column's value for writing; null stays NULL. */
export function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/**
 * A JSON column's value as it was written. The App wrote it, so the caller may trust its type; text that is not JSON means the
 * database was changed by other hands or is damaged, and is said with the row's name.
 */
export function fromJson(row: string, column: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError(
      "store_failed",
      `Column "${column}" of ${row} does not hold JSON.`,
      "The row was changed by hand or the database is damaged: restore the last backup, or repair the row.",
      cause,
    );
  }
}

/** As `fromJson`, for a column that may be NULL. */
export function fromJsonOrNull(row: string, column: string, text: string | null): unknown {
  return text === null ? null : fromJson(row, column, text);
}
