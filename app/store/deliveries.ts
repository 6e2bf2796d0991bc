import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { changeState } from "./change-state.ts";
import type { Db } from "./db.ts";
import { claimDeliveries } from "./deliveries-claim.ts";
import { createDeliveryPut, type NewDelivery } from "./deliveries-put.ts";
import type { Delivery } from "./rows.ts";

/** Least needed to say why; longer errors are cut. */
const ERROR_MAX_CHARS = 2_000;
/** A page of dead letters; more of them is an outage, not a list to read. */
const DEAD_LISTED_MAX = 1_000;
/** Bindings in one statement, well below SQLite's 32,766. */
const GUIDS_AT_ONCE = 500;

type DeliveryState = "stored" | "done" | "dead";

/** `dead -> stored`: put back by a person. */
const DELIVERY_CHANGES: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  stored: ["done", "dead"],
  dead: ["stored"],
  done: [],
};

export type DeadLetter = {
  readonly guid: string;
  readonly event: string;
  readonly receivedAt: number;
  readonly tries: number;
  readonly error: string;
};

export type Deliveries = {
  /** Group-committed with FULL sync before it answers. `conflict`: same GUID, other bytes. */
  put(delivery: NewDelivery): Promise<"stored" | "duplicate" | "conflict">;
  /**
   * Up to `limit` due deliveries in order of arrival, claimed for `claimMs`. Their `tries` count the claims, this one included, so that
   * one which kills the process is counted, too. Claims of earlier processes do not hold.
   */
  claim(limit: number, claimMs: number): Promise<readonly Delivery[]>;
  /** Delivered to every handler. */
  done(guid: string): Promise<void>;
  /** Failed: tried again at `nextAt`, or dead when null. */
  failed(guid: string, error: string, nextAt: number | null): Promise<void>;
  known(guids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Oldest first, at most 1,000. */
  dead(): Promise<readonly DeadLetter[]>;
  /** Puts a dead letter back; false when there is none of that GUID. Fails when retention has let its body go. */
  revive(guid: string): Promise<boolean>;
  counts(): Promise<Readonly<Record<DeliveryState, number>>>;
};

const UNCLAIMED = { claim_owner: null, claim_fence: null, claimed_until: null };

/** The table of deliveries. Failures are `store_failed` and its kin. */
export function createDeliveries(db: Db): Deliveries {
  const change = (
    trx: Knex,
    guid: string,
    from: DeliveryState,
    to: DeliveryState,
    set: Readonly<Record<string, unknown>>,
    data: Readonly<Record<string, unknown>> = {},
  ) =>
    changeState<{ body: Buffer | null }, DeliveryState>(trx, {
      table: "delivery",
      key: "guid",
      changes: DELIVERY_CHANGES,
      id: guid,
      from,
      to,
      at: db.now(),
      set: { ...UNCLAIMED, ...set },
      data,
    });

  return {
    put: createDeliveryPut(db),
    claim: (limit, claimMs) => claimDeliveries(db, limit, claimMs),
    async done(guid) {
      await db.write((trx) => change(trx, guid, "stored", "done", { done_at: db.now(), error: null }));
    },
    async failed(guid, error, nextAt) {
      const said = error.slice(0, ERROR_MAX_CHARS);
      await db.write(async (trx) => {
        if (nextAt === null) await change(trx, guid, "stored", "dead", { error: said }, { error: said });
        else
          await trx("delivery")
            .where({ guid, state: "stored" })
            .update({ ...UNCLAIMED, error: said, next_at: nextAt });
      });
    },
    async known(guids) {
      const found = new Set<string>();
      for (let at = 0; at < guids.length; at += GUIDS_AT_ONCE) {
        const slice = guids.slice(at, at + GUIDS_AT_ONCE);
        const rows = await db.read((knex) =>
          knex("delivery").whereIn("guid", slice).select<{ guid: string }[]>("guid"),
        );
        for (const row of rows) found.add(row.guid);
      }
      return found;
    },
    async dead() {
      const rows = await db.read((knex) =>
        knex("delivery")
          .where({ state: "dead" })
          .orderBy("seq")
          .limit(DEAD_LISTED_MAX)
          .select<
            { guid: string; event: string; received_at: number; tries: number; error: string | null }[]
          >("guid", "event", "received_at", "tries", "error"),
      );
      return rows.map((row) => ({
        guid: row.guid,
        event: row.event,
        receivedAt: row.received_at,
        tries: row.tries,
        error: row.error ?? "",
      }));
    },
    async revive(guid) {
      return db.write(async (trx) => {
        const row = await change(trx, guid, "dead", "stored", { tries: 0, next_at: db.now() });
        if (row === null) return false;
        if (row.body !== null) return true;
        throw new AppError(
          "not_found",
          `The body of delivery ${guid} is gone: retention has let it go.`,
          "Redeliver it from the App's page on GitHub, or repeat the comment.",
        );
      });
    },
    async counts() {
      const rows = await db.read((knex) =>
        knex("delivery")
          .groupBy("state")
          .select<{ state: DeliveryState; n: number }[]>("state", knex.raw("count(*) as n")),
      );
      const counts = { stored: 0, done: 0, dead: 0 };
      for (const row of rows) counts[row.state] = row.n;
      return counts;
    },
  };
}
