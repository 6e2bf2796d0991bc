import createKnex, { type Knex } from "knex";
import type { Database } from "sqlite3";
import { keepPrepared } from "./prepared.ts";

/** Waits this long for another process's lock on the file (the CLI, a backup tool); then SQLITE_BUSY. */
const BUSY_TIMEOUT_MS = 5_000;
/** After a checkpoint the WAL file is cut back to this. */
const WAL_KEEP_BYTES = 64 * 1024 * 1024;
/** 32 MiB of pages. SQLite's own 1,000 pages copy, and sync, eight times as often in a burst (measured with whole bodies: 14,200 deliveries a second, with this 15,600). */
const CHECKPOINT_PAGES = 8_000;
/** Reads are short; two let a long one (a page over many runs) not hold up the rest. Each costs a thread of libuv's four. */
const READERS = 2;
const ACQUIRE_TIMEOUT_MS = 30_000;

/** WAL: readers never wait for the writer. FULL: a commit that was answered survives a power cut. */
const WRITER_PRAGMAS = `
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  PRAGMA foreign_keys = ON;
  PRAGMA journal_size_limit = ${WAL_KEEP_BYTES};
`;
const READER_PRAGMAS = `
  PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
  PRAGMA query_only = ON;
`;

/** The one writing connection. Its only user is the write queue (and the migrations before that exists). */
export function connectWriter(path: string): Knex {
  return connect(path, 1, WRITER_PRAGMAS);
}

/** Connections that can only read; they see what is committed. */
export function connectReaders(path: string): Knex {
  return connect(path, READERS, READER_PRAGMAS);
}

function connect(path: string, size: number, pragmas: string): Knex {
  return createKnex({
    client: "sqlite3",
    connection: { filename: path },
    useNullAsDefault: true,
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    // What knex would print it throws as well; the App's own log says it once.
    log: { error: quiet, warn: quiet, deprecate: quiet, debug: quiet },
    pool: {
      min: 1,
      max: size,
      afterCreate(connection: Database, done: (error: Error | null, connection: Database) => void) {
        keepPrepared(connection);
        connection.exec(pragmas, (error) => done(error, connection));
      },
    },
  });
}

function quiet(): undefined {
  return undefined;
}
