import { crc32 } from "node:zlib";
import type { Knex } from "knex";
import type { Db } from "./db.ts";

/** Rows of one INSERT: bounds how long the first of them waits for the last. */
const ROWS_AT_ONCE = 100;
/** Bytes of bodies in one batch, kept or not: bounds the memory of a burst of large ones; a larger one goes alone. */
const BYTES_AT_ONCE = 32 * 1024 * 1024;
/** The longest that a delivery of a burst waits for others: what reading fifty of them takes (measured: a quarter more a second than without waiting). */
const GATHER_MS = 4;

/**
 * One statement, one commit, four values whatever the number of rows. `rows` is JSON, arrays in the order that `insertAll` gives them;
 * the bodies are cut from one run of bytes. Inserts nothing once a later process has opened the store.
 */
const INSERT = `
  insert into delivery (guid, event, action, installation_id, state, done_at, body, body_crc, next_at, received_at)
  select value ->> 0, value ->> 1, value ->> 2, value ->> 3,
    iif(value ->> 6 is null, 'stored', 'done'),
    iif(value ->> 6 is null, null, :at),
    iif(value ->> 6 is null, coalesce(substr(:bodies, value ->> 4, value ->> 5), x''), null),
    value ->> 6, :at, :at
  from json_each(:rows)
  where (select cast(value as integer) from meta where key = 'fence') = :fence
  order by key
  on conflict (guid) do nothing
  returning guid`;

export type NewDelivery = {
  guid: string;
  event: string;
  action: string | null;
  installationId: number | null;
  body: Buffer;
  /** True: nobody has anything to do with it, so that it is put away as done at once, and its body is not kept. */
  unwanted?: boolean;
};

export type PutResult = "stored" | "duplicate" | "conflict";

type Waiting = {
  readonly delivery: NewDelivery;
  /** CRC-32 of a body that is not kept: tells a repeated delivery from another one of the same GUID. */
  readonly crc: number | null;
  readonly resolve: (result: PutResult) => void;
  readonly reject: (error: unknown) => void;
};

type StoredBody = { readonly guid: string; readonly body: Buffer | null; readonly body_crc: number | null };

/**
 * The hot path: deliveries that wait are inserted with one statement (measured: several times as many a second as one statement
 * each), and each is answered after its commit.
 */
export function createDeliveryPut(db: Db): (delivery: NewDelivery) => Promise<PutResult> {
  const waiting: Waiting[] = [];
  let asked = false;
  /** Rows of the last two batches. */
  let lastTwo: readonly [number, number] = [0, 0];
  let timer: NodeJS.Timeout | null = null;

  function ask(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (asked || waiting.length === 0) return;
    asked = true;
    void flush();
  }

  /**
   * In a burst each batch waits for half as many as came with the last two: whoever was answered together comes back together, and a
   * batch of the first of them alone would cost as much as all.
   */
  function gather(): void {
    if (asked) return;
    if (waiting.length * 2 >= lastTwo[0] + lastTwo[1]) ask();
    else timer ??= setTimeout(ask, GATHER_MS);
  }

  async function flush(): Promise<void> {
    let taken: readonly Waiting[] = [];
    try {
      const inserted = await db.statement(async (writer) => {
        // What arrived between asking for the turn and having it travels along.
        asked = false;
        taken = take(waiting);
        lastTwo = [lastTwo[1], taken.length];
        if (waiting.length > 0) ask();
        return insertAll(writer, taken, db);
      });
      await settle(db, taken, inserted);
    } catch (thrown) {
      if (taken.length === 0) {
        // The turn never came: whoever waits hears it now.
        asked = false;
        taken = waiting.splice(0);
      }
      for (const item of taken) item.reject(thrown);
    }
  }

  return (delivery) =>
    new Promise((resolve, reject) => {
      // Here, while its bytes are still near; in the batch it takes twice as long.
      const crc = delivery.unwanted === true ? crc32(delivery.body) : null;
      waiting.push({ delivery, crc, resolve, reject });
      gather();
    });
}

function take(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  let bytes = 0;
  for (const { delivery } of waiting) {
    bytes += delivery.body.length;
    if (count > 0 && (count >= ROWS_AT_ONCE || bytes > BYTES_AT_ONCE)) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** The GUIDs that were new. */
async function insertAll(writer: Knex, items: readonly Waiting[], db: Db): Promise<Set<string>> {
  const at = db.now();
  // SQLite counts bytes from one.
  let offset = 1;
  const bodies: Buffer[] = [];
  const rows = items.map(({ delivery, crc }) => {
    const { guid, event, action, installationId, body } = delivery;
    const row = [guid, event, action, installationId, offset, body.length, crc];
    if (crc !== null) return row;
    offset += body.length;
    bodies.push(body);
    return row;
  });
  const inserted: { guid: string }[] = await writer.raw(INSERT, {
    rows: JSON.stringify(rows),
    bodies: Buffer.concat(bodies),
    fence: db.fence,
    at,
  });
  return new Set(inserted.map(({ guid }) => guid));
}

async function settle(db: Db, items: readonly Waiting[], fresh: Set<string>): Promise<void> {
  // Twice in one batch: the first of them is the stored one.
  const others = items.filter(({ delivery, resolve }) => {
    const isStored = fresh.delete(delivery.guid);
    if (isStored) resolve("stored");
    return !isStored;
  });
  if (others.length === 0) return;
  const guids = others.map(({ delivery }) => delivery.guid);
  // A write, though it only reads: its guard tells a store that another process has taken over from a delivery that is known.
  const stored = await db.write((trx) =>
    trx("delivery").whereIn("guid", guids).select<StoredBody[]>("guid", "body", "body_crc"),
  );
  const bodies = new Map(stored.map((row) => [row.guid, row]));
  for (const { delivery, resolve } of others) {
    resolve(isSame(bodies.get(delivery.guid), delivery.body) ? "duplicate" : "conflict");
  }
}

function isSame(stored: StoredBody | undefined, body: Buffer): boolean {
  if (stored === undefined) return true;
  if (stored.body !== null) return stored.body.equals(body);
  // Retention has let the body go: GitHub sends nothing again after so long, and nothing is done twice either way.
  return stored.body_crc === null || stored.body_crc === crc32(body);
}
