import sqlite3 from "sqlite3";
import { toStoreError } from "./store-error.ts";

/** Another process may be in the middle of a checkpoint. */
const BUSY_TIMEOUT_MS = 30_000;

/**
 * Writes a whole copy of a database, as it is at one moment, to a file that must not exist. The App may be running on it: the copy is a reader's
 * look. Fails with `store_failed` or `disk_full`.
 */
export async function copyStore(path: string, to: string): Promise<void> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened: sqlite3.Database = new sqlite3.Database(path, sqlite3.OPEN_READONLY, (error) =>
      error === null ? resolve(opened) : reject(toStoreError(error, path)),
    );
  });
  database.configure("busyTimeout", BUSY_TIMEOUT_MS);
  try {
    await new Promise<void>((resolve, reject) => {
      database.run("VACUUM INTO ?", [to], (error: Error | null) =>
        error === null ? resolve() : reject(toStoreError(error, to)),
      );
    });
  } finally {
    await new Promise<void>((resolve) => {
      database.close(() => resolve());
    });
  }
}
