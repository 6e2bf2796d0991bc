import type { Knex } from "knex";
import type { Db } from "./db.ts";

/** Rows of one INSERT, 9 bindings each; SQLite takes 32,766 bindings. */
const ROWS_AT_ONCE = 100;
/** Bytes of bodies in one INSERT: bounds the memory of a burst of large ones; a larger one goes alone. */
const BYTES_AT_ONCE = 32 * 1024 * 1024;

export type NewDelivery = {
  guid: string;
  event: string;
  action: string | null;
  installationId: number | null;
  body: Buffer;
  /** True: nobody has anything to do with it, so that it is put away as done at once. */
  unwanted?: boolean;
};

export type PutResult = "stored" | "duplicate" | "conflict";

type Waiting = {
  readonly delivery: NewDelivery;
  readonly resolve: (result: PutResult) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * The hot path: deliveries that wait are inserted with one statement (measured: several times as many a second as one statement
 * each), and each is answered after the COMMIT.
 */
export function createDeliveryPut(db: Db): (delivery: NewDelivery) => Promise<PutResult> {
  const waiting: Waiting[] = [];
  let asked = false;

  function ask(): void {
    if (asked) return;
    asked = true;
    void flush();
  }

  async function flush(): Promise<void> {
    let taken: readonly Waiting[] = [];
    try {
      const results = await db.write(async (trx) => {
        // What arrived between asking for the transaction and having it travels along.
        asked = false;
        taken = take(waiting);
        if (waiting.length > 0) ask();
        return insertAll(trx, taken, db.now());
      });
      for (const [at, item] of taken.entries()) item.resolve(results[at] ?? "duplicate");
    } catch (thrown) {
      if (taken.length === 0) {
        // The transaction never began: whoever waits hears it now.
        asked = false;
        taken = waiting.splice(0);
      }
      for (const item of taken) item.reject(thrown);
    }
  }

  return (delivery) =>
    new Promise((resolve, reject) => {
      waiting.push({ delivery, resolve, reject });
      ask();
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

async function insertAll(trx: Knex, items: readonly Waiting[], at: number): Promise<readonly PutResult[]> {
  const rows = items.map(({ delivery }) => ({
    guid: delivery.guid,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    body: delivery.body,
    state: delivery.unwanted === true ? "done" : "stored",
    next_at: at,
    received_at: at,
    done_at: delivery.unwanted === true ? at : null,
  }));
  const inserted: { guid: string }[] = await trx("delivery")
    .insert(rows)
    .onConflict("guid")
    .ignore()
    .returning("guid");
  const fresh = new Set(inserted.map((row) => row.guid));
  if (fresh.size === items.length) return items.map(() => "stored");
  const known = new Map<string, Buffer | null>();
  // Read again only what was there before, or came twice in this batch: it is one body of each GUID.
  for (const { delivery } of items)
    if (fresh.has(delivery.guid) && !known.has(delivery.guid)) known.set(delivery.guid, delivery.body);
  const guids = items.map(({ delivery }) => delivery.guid).filter((guid) => !fresh.has(guid));
  const stored = await trx("delivery")
    .whereIn("guid", guids)
    .select<{ guid: string; body: Buffer | null }[]>("guid", "body");
  for (const { guid, body } of stored) known.set(guid, body);
  return items.map(({ delivery }) => {
    if (fresh.delete(delivery.guid)) return "stored";
    // Retention has let the body go: GitHub sends nothing again after so long, and nothing is done twice either way.
    const body = known.get(delivery.guid) ?? null;
    return body === null || body.equals(delivery.body) ? "duplicate" : "conflict";
  });
}
