import type { Knex } from "knex";
import { AppError } from "../errors.ts";
import { toBox, type BoxRow } from "./boxes-row.ts";
import type { Db } from "./db.ts";
import { appendEvent } from "./events.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import { bookLine, crossedCap, type Cap } from "./ledger-book.ts";
import type { Box, Lease, LedgerLine } from "./rows.ts";

export type AdmitRequest = {
  readonly lease: Omit<Lease, "state" | "endReason" | "busyAttempt" | "createdAt" | "idleSince" | "endedAt">;
  readonly box: { readonly id: Box["id"] };
  /** Worst case; books the `reserve` line. */
  readonly reserve: LedgerLine;
  /** None may be crossed; empty: no cap. */
  readonly caps: readonly Cap[];
  /** Most live leases of the account; counted in the same transaction. */
  readonly maxLeases: number;
};

export type Admitted =
  | { readonly ok: true; readonly lease: Lease; readonly box: Box }
  | {
      readonly ok: false;
      readonly why: "over_cap";
      readonly spentMicroUsd: number;
      readonly reservedMicroUsd: number;
      readonly capMicroUsd: number;
    }
  | { readonly ok: false; readonly why: "max_leases"; readonly live: number; readonly max: number };

/** The lease that makes another one needless. */
export type AlreadyWarm = { readonly ok: false; readonly why: "already_warm"; readonly lease: Lease };

/** See `Leases.admitWarm`. */
export async function admitWarm(db: Db, request: AdmitRequest): Promise<Admitted | AlreadyWarm> {
  return db.write(async (trx) => {
    const known = await stored(trx, request.lease.id);
    if (known !== null) return known;
    const { holder, provider, trustDomain } = request.lease;
    const warm = await trx<LeaseRow>("lease")
      .where({ holder_kind: holder.kind, holder_key: holder.key, trust_domain: trustDomain })
      .where({ provider, class: request.lease.class })
      .whereIn("state", ["requested", "active"])
      .orderBy("created_at", "desc")
      .first();
    if (warm !== undefined) return { ok: false, why: "already_warm", lease: toLease(warm) };
    return (await refusal(trx, request)) ?? insert(trx, request, db.now());
  });
}

/** See `Leases.admit`. */
export async function admitLease(db: Db, request: AdmitRequest): Promise<Admitted> {
  return db.write(async (trx) => {
    const known = await stored(trx, request.lease.id);
    if (known !== null) return known;
    return (await refusal(trx, request)) ?? insert(trx, request, db.now());
  });
}

/** Money before places: a refusal for money ends the run, one for places lets it wait. */
async function refusal(trx: Knex, request: AdmitRequest): Promise<Admitted | null> {
  const { lease, caps, reserve, maxLeases } = request;
  const crossed = await crossedCap(trx, reserve, caps);
  if (crossed !== null) {
    return {
      ok: false,
      why: "over_cap",
      spentMicroUsd: crossed.chargedMicroUsd,
      reservedMicroUsd: crossed.reservedMicroUsd,
      capMicroUsd: crossed.capMicroUsd,
    };
  }
  const live = await trx("lease")
    .where({ account_id: lease.accountId })
    .whereIn("state", ["requested", "active", "ending"])
    .count<{ n: number }[]>({ n: "*" });
  const count = live[0]?.n ?? 0;
  return count < maxLeases ? null : { ok: false, why: "max_leases", live: count, max: maxLeases };
}

async function insert(trx: Knex, request: AdmitRequest, at: number): Promise<Admitted> {
  const { lease, box, reserve } = request;
  await trx("lease").insert({
    id: lease.id,
    slug: lease.slug,
    account_id: lease.accountId,
    repository_id: lease.repositoryId,
    trust_domain: lease.trustDomain,
    holder_kind: lease.holder.kind,
    holder_key: lease.holder.key,
    purpose: lease.purpose,
    provider: lease.provider,
    class: lease.class,
    state: "requested",
    created_at: at,
    expires_at: lease.expiresAt,
    idle_ms: lease.idleMs,
  });
  await trx("box").insert({
    id: box.id,
    lease_id: lease.id,
    provider: lease.provider,
    trust_domain: lease.trustDomain,
    state: "creating",
    created_at: at,
  });
  await bookLine(trx, at, reserve);
  const data = { holder: lease.holder, reservedMicroUsd: reserve.microUsd, expiresAt: lease.expiresAt };
  await appendEvent(trx, at, { subject: "lease", subjectId: lease.id, type: "requested", data });
  await appendEvent(trx, at, {
    subject: "box",
    subjectId: box.id,
    type: "creating",
    data: { lease: lease.id },
  });
  const made = await stored(trx, lease.id);
  if (made !== null) return made;
  throw new AppError("store_failed", `Lease ${lease.id} was not stored.`, "Please report this defect.");
}

async function stored(trx: Knex, id: Lease["id"]): Promise<Admitted | null> {
  const lease = await trx<LeaseRow>("lease").where({ id }).first();
  const box = await trx<BoxRow>("box").where({ lease_id: id }).first();
  if (lease === undefined || box === undefined) return null;
  return { ok: true, lease: toLease(lease), box: toBox(box) };
}
