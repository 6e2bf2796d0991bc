import { fromJsonOrNull } from "./json-column.ts";
import type { Box } from "./rows.ts";

/** The table's columns as SQLite gives them. */
export type BoxRow = {
  readonly id: Box["id"];
  readonly lease_id: Box["leaseId"];
  readonly provider: string;
  readonly ref: string | null;
  readonly type: string | null;
  readonly trust_domain: string;
  readonly state: Box["state"];
  readonly address: string | null;
  readonly price: string | null;
  readonly hydrated: string | null;
  readonly epoch: string | null;
  readonly unfit: string | null;
  readonly created_at: number;
  readonly ready_at: number | null;
  readonly gone_at: number | null;
};

/** A row as a box; throws an AppError for a column that cannot be read. */
export function toBox(row: BoxRow): Box {
  const name = `box ${row.id}`;
  return {
    id: row.id,
    leaseId: row.lease_id,
    provider: row.provider,
    ref: row.ref,
    type: row.type,
    trustDomain: row.trust_domain,
    state: row.state,
    address: fromJsonOrNull(name, "address", row.address) as Box["address"],
    price: fromJsonOrNull(name, "price", row.price) as Box["price"],
    hydrated: fromJsonOrNull(name, "hydrated", row.hydrated) as Box["hydrated"],
    epoch: row.epoch,
    unfit: row.unfit,
    createdAt: row.created_at,
    readyAt: row.ready_at,
    goneAt: row.gone_at,
  };
}
