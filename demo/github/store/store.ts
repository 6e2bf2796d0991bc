import { DatabaseSync } from "node:sqlite";
import { createTable } from "./table.ts";
import type { Row, Table } from "./table.ts";

/** Everything is held in memory and written behind: a crash of this process may lose the last moments. */
export type Store = {
  table: <T extends Row>(kind: string) => Table<T>;
  /** The next number of a series, starting at `first`. */
  nextId: (series: string, first: number) => number;
  /** Large texts that stay on disk and are read again when asked for. */
  putText: (id: string, text: string) => void;
  getText: (id: string) => string | null;
  flush: () => void;
  close: () => void;
};

const FLUSH_EVERY_MS = 100;

/** Opens (or makes) the file that holds all records. */
export function openStore(file: string): Store {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
    CREATE TABLE IF NOT EXISTS record (kind TEXT, id TEXT, json TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS text (id TEXT PRIMARY KEY, body TEXT) WITHOUT ROWID;`);
  const dirty = new Map<string, { kind: string; id: string; row: Row | null }>();
  const texts = new Map<string, string>();
  const counters = new Map(load<Counter>(db, "counter").map((row) => [row.id, row.value]));
  const put = db.prepare("INSERT OR REPLACE INTO record (kind, id, json) VALUES (?, ?, ?)");
  const remove = db.prepare("DELETE FROM record WHERE kind = ? AND id = ?");
  const putText = db.prepare("INSERT OR REPLACE INTO text (id, body) VALUES (?, ?)");
  const getText = db.prepare("SELECT body FROM text WHERE id = ?");

  const flush = (): void => {
    if (dirty.size === 0 && texts.size === 0) return;
    db.exec("BEGIN");
    for (const { kind, id, row } of dirty.values()) {
      if (row === null) remove.run(kind, id);
      else put.run(kind, id, JSON.stringify(row));
    }
    for (const [id, text] of texts) putText.run(id, text);
    db.exec("COMMIT");
    dirty.clear();
    texts.clear();
  };
  const changed = (kind: string, id: string, row: Row | null): void => {
    dirty.set(`${kind}/${id}`, { kind, id, row });
  };
  const timer = setInterval(flush, FLUSH_EVERY_MS);
  timer.unref();

  return {
    table: <T extends Row>(kind: string) =>
      createTable(load<T>(db, kind), (id, row) => changed(kind, id, row)),
    nextId: (series, first) => {
      const value = (counters.get(series) ?? first - 1) + 1;
      counters.set(series, value);
      changed("counter", series, counter(series, value));
      return value;
    },
    putText: (id, text) => {
      texts.set(id, text);
    },
    getText: (id) => {
      const waiting = texts.get(id);
      if (waiting !== undefined) return waiting;
      const row = getText.get(id);
      return row === undefined ? null : String(row["body"]);
    },
    flush,
    close: () => {
      clearInterval(timer);
      flush();
      db.close();
    },
  };
}

type Counter = { id: string; value: number };

function counter(id: string, value: number): Counter {
  return { id, value };
}

/** Rows with numeric ids come back in the order of their ids, which is the order of their making. */
function load<T extends Row>(db: DatabaseSync, kind: string): T[] {
  const rows = db.prepare("SELECT json FROM record WHERE kind = ?").all(kind);
  const parsed = rows.map((row) => JSON.parse(String(row["json"])) as T);
  return parsed.sort((a, b) => Number(a.id) - Number(b.id) || 0);
}
