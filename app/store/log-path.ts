import { join } from "node:path";
import { AppError } from "../errors.ts";
import type { AttemptId } from "../ids.ts";

/** Ids come from rows, but paths are built from them: nothing but an id gets through. */
const ATTEMPT_ID = /^att_[0-9a-f]{12}$/u;
const PREFIX_CHARS = "att_".length;
/** Two digits name the directory: 256 directories keep each small. */
const DIRECTORY_DIGITS = 2;

/** Where an attempt's copy of the journal lies: `<dir>/<first two digits>/<id>.journal`. */
export function logPath(dir: string, id: AttemptId): string {
  if (!ATTEMPT_ID.test(id))
    throw new AppError("bad_request", "This is not an attempt's id.", "Ids look like att_0123456789ab.");
  return join(dir, id.slice(PREFIX_CHARS, PREFIX_CHARS + DIRECTORY_DIGITS), `${id}.journal`);
}

/** A failure of the file system as an AppError. */
export function toLogError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  if (codeOf(thrown) === "ENOSPC" || codeOf(thrown) === "EDQUOT") {
    return new AppError(
      "disk_full",
      `The disk of ${path} is full: the log was kept as it was.`,
      "Free space, grow the disk, or shorten the time logs are kept; the box holds the rest until then.",
      thrown,
    );
  }
  return new AppError(
    "store_failed",
    `The log ${path} could not be read or written.`,
    "Check the permissions of the state directory and the disk's health; the cause is in the App's log.",
    thrown,
  );
}

/** True when the file or directory is not there. */
export function isMissing(thrown: unknown): boolean {
  return codeOf(thrown) === "ENOENT";
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown && typeof thrown.code === "string" ? thrown.code : "";
}
