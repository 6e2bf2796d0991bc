/** The rows of one kind, in memory, with the changes handed to a write-behind journal. */
export type Row = { id: number | string };

export type Table<T extends Row> = {
  get: (id: T["id"]) => T | undefined;
  /** Stores a new or changed row; fields that an index reads must never change afterwards. */
  put: (row: T) => T;
  delete: (id: T["id"]) => void;
  all: () => IterableIterator<T>;
  size: () => number;
  /** A lookup by a derived key, kept up to date; rows in insertion order. */
  index: (key: (row: T) => string | number) => (value: string | number) => readonly T[];
};

type Changed = (id: string, row: Row | null) => void;

/** Makes a table over rows already loaded; `changed` hears of every put and delete. */
export function createTable<T extends Row>(rows: readonly T[], changed: Changed): Table<T> {
  const byId = new Map<T["id"], T>(rows.map((row) => [row.id, row]));
  const indexes: Index<T>[] = [];
  return {
    get: (id) => byId.get(id),
    put: (row) => {
      if (!byId.has(row.id)) for (const index of indexes) index.add(row);
      byId.set(row.id, row);
      changed(String(row.id), row);
      return row;
    },
    delete: (id) => {
      const row = byId.get(id);
      if (row === undefined) return;
      byId.delete(id);
      for (const index of indexes) index.remove(row);
      changed(String(id), null);
    },
    all: () => byId.values(),
    size: () => byId.size,
    index: (key) => {
      const index = createIndex(key);
      for (const row of byId.values()) index.add(row);
      indexes.push(index);
      return index.find;
    },
  };
}

type Index<T> = {
  add: (row: T) => void;
  remove: (row: T) => void;
  find: (value: string | number) => readonly T[];
};

function createIndex<T extends Row>(key: (row: T) => string | number): Index<T> {
  const rows = new Map<string | number, T[]>();
  return {
    add: (row) => {
      const list = rows.get(key(row));
      if (list === undefined) rows.set(key(row), [row]);
      else list.push(row);
    },
    remove: (row) => {
      const left = (rows.get(key(row)) ?? []).filter((other) => other.id !== row.id);
      rows.set(key(row), left);
    },
    find: (value) => rows.get(value) ?? [],
  };
}
