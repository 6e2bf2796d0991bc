import { AppError } from "../errors.ts";

/** What each of SQLite's result codes means to the operator. Codes: https://sqlite.org/rescode.html */
const FAILURES: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  SQLITE_READONLY: {
    message: "The database cannot be written.",
    hint: "Give the App's user write permission on the file and its directory, and check that the disk is not mounted read-only.",
  },
  SQLITE_CANTOPEN: {
    message: "The database cannot be opened.",
    hint: "Check that the state directory exists, that the App's user may write in it, and that the disk has room.",
  },
  SQLITE_CORRUPT: {
    message: "The database is damaged.",
    hint: "Stop the App, keep the damaged file (with -wal and -shm), and restore the last backup in its place.",
  },
  SQLITE_NOTADB: {
    message: "The file is not an SQLite database.",
    hint: "Check the path in the settings; when it is right, restore the last backup in its place.",
  },
  SQLITE_IOERR: {
    message: "The disk did not read or write the database.",
    hint: "Look at the machine's kernel log and the disk's health before starting the App again.",
  },
  SQLITE_BUSY: {
    message: "Another program holds the database.",
    hint: "Close tools that have the file open (a backup, an sqlite3 shell) and try again.",
  },
  SQLITE_CONSTRAINT: {
    message: "A row does not fit the database's rules.",
    hint: "This is a defect in the App: please report it with the cause from the log.",
  },
};

/** The file system's own words for the same: the file is made before SQLite opens it. */
const SAME_AS: Readonly<Record<string, string>> = {
  EROFS: "SQLITE_READONLY",
  EACCES: "SQLITE_READONLY",
  EPERM: "SQLITE_READONLY",
  ENOENT: "SQLITE_CANTOPEN",
  ENOTDIR: "SQLITE_CANTOPEN",
  EISDIR: "SQLITE_CANTOPEN",
  EMFILE: "SQLITE_CANTOPEN",
  EIO: "SQLITE_IOERR",
};

/** Any failure of a store's call as an AppError: what the work itself threw on purpose passes as it is. */
export function toStoreError(thrown: unknown, path: string): AppError {
  if (thrown instanceof AppError) return thrown;
  const code = codeOf(thrown);
  if (code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT") {
    return new AppError(
      "disk_full",
      `The disk of ${path} is full: the change was not made.`,
      "Free space or grow the disk; what was not accepted is tried again by itself.",
      thrown,
    );
  }
  const known = FAILURES[SAME_AS[code] ?? code];
  return new AppError(
    "store_failed",
    `${known?.message ?? "The database refused a statement."} (${path})`,
    known?.hint ?? "See the cause in the App's log.",
    thrown,
  );
}

function codeOf(thrown: unknown): string {
  if (!(thrown instanceof Error) || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}
