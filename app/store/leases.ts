import type { Knex } from "knex";
import type { BoxAddress, Price } from "../../providers/provider.ts";
import type { LeaseId } from "../ids.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Db } from "./db.ts";
import type { Cap } from "./ledger-book.ts";
import { admitLease, admitWarm, type Admitted, type AdmitRequest, type AlreadyWarm } from "./leases-admit.ts";
import { activateLease, endLease, holdLease } from "./leases-change.ts";
import { claimRequested, renewLease } from "./leases-claim.ts";
import { extendLease, keepLease, type Extended } from "./leases-extend.ts";
import { toLease, type LeaseRow } from "./leases-row.ts";
import { settleLease } from "./leases-settle.ts";
import type { Lease, LedgerLine } from "./rows.ts";

export type Leases = {
  /**
   * Lease `requested`, box `creating` and the reservation in one transaction, or why not. Live leases are all that have not ended:
   * one that is `ending` still costs. The same lease id again answers the one that is there.
   */
  admit(request: AdmitRequest): Promise<Admitted>;
  /** As `admit`, unless its holder has a live lease of the same trust domain, class and provider already. */
  admitWarm(request: AdmitRequest): Promise<Admitted | AlreadyWarm>;
  get(id: LeaseId): Promise<Lease | null>;
  /**
   * Claims up to `limit` leases of that purpose that are still `requested` and that nobody works on: new ones, those of an earlier
   * process, those whose claim ran out. Oldest first.
   */
  claimRequested(purpose: string, limit: number, claimMs: number): Promise<readonly Lease[]>;
  /** Holds this process's claim for `claimMs` from now; false when it is not this process's any more. */
  renew(id: LeaseId, claimMs: number): Promise<boolean>;
  /** Slugs are not unique: a live one goes before an ended one, then the newest. */
  bySlug(accountId: number, slug: string): Promise<Lease | null>;
  /**
   * Active, idle (kept warm: held by a pull request, no attempt), neither its ttl nor its idle time over, box
   * `ready` or `leased` and fit, of exactly this trust domain, class and provider. The one used last.
   */
  findWarm(query: {
    readonly trustDomain: string;
    readonly class: string;
    readonly provider: string;
    readonly now: number;
  }): Promise<Lease | null>;
  /** `requested -> active`, box to `leased` with its address, in one transaction. Null when the lease was not `requested`. */
  activate(
    id: LeaseId,
    box: { readonly ref: string; readonly type: string; readonly address: BoxAddress; readonly price: Price },
  ): Promise<Lease | null>;
  /** To `ending` with the reason, box to `destroying`; null when it already was ending or ended. */
  end(id: LeaseId, reason: LeaseEndReason): Promise<Lease | null>;
  /**
   * `ending -> ended`, box `gone`, reservation released and actual cost charged (lines), in one transaction; safe to repeat (an ended
   * one books nothing more). Whatever the lines leave of the reservation is released too, so that it always balances; lines that
   * release more than was reserved are an error. Each attempt gets the sum of its charges as its cost. Null when not ending.
   */
  settle(id: LeaseId, lines: readonly LedgerLine[]): Promise<Lease | null>;
  /** The holder becomes another (a run's lease kept warm for its pull request). */
  setHolder(id: LeaseId, holder: Lease["holder"]): Promise<void>;
  /**
   * Moves the expiry (never back) of an active lease and books the reservation, in one transaction; or says why not. The same key
   * again moves and books nothing, and answers the lease as it is.
   */
  extend(id: LeaseId, expiresAt: number, reserve: LedgerLine, caps: readonly Cap[]): Promise<Extended>;
  /** An active lease may be idle at least so long from now; never shorter than before. Null when not active. */
  keep(id: LeaseId, idleMs: number): Promise<Lease | null>;
  /** All that have not ended, oldest first. */
  live(filter?: {
    readonly accountId?: number;
    readonly repositoryId?: number;
    readonly holder?: Lease["holder"];
  }): Promise<readonly Lease[]>;
};

/** The table of leases. Failures are `store_failed` and its kin. */
export function createLeases(db: Db): Leases {
  const one = async (query: (knex: Knex) => PromiseLike<LeaseRow | undefined>): Promise<Lease | null> => {
    const row = await db.read(async (knex) => query(knex));
    return row === undefined ? null : toLease(row);
  };
  return {
    admit: (request) => admitLease(db, request),
    admitWarm: (request) => admitWarm(db, request),
    claimRequested: (purpose, limit, claimMs) => claimRequested(db, purpose, limit, claimMs),
    renew: (id, claimMs) => renewLease(db, id, claimMs),
    get: (id) => one((knex) => knex<LeaseRow>("lease").where({ id }).first()),
    bySlug: (accountId, slug) =>
      one((knex) =>
        knex<LeaseRow>("lease")
          .where({ account_id: accountId, slug })
          .orderByRaw("case when state = 'ended' then 1 else 0 end, created_at desc")
          .first(),
      ),
    findWarm: (query) =>
      one((knex) =>
        knex<LeaseRow>("lease")
          .join("box", "box.lease_id", "lease.id")
          .where({
            "lease.state": "active",
            "lease.trust_domain": query.trustDomain,
            "lease.class": query.class,
            "lease.provider": query.provider,
            "lease.holder_kind": "pull_request",
          })
          .whereNull("lease.busy_attempt")
          .whereNotNull("lease.idle_since")
          .where("lease.expires_at", ">", query.now)
          .whereRaw("lease.idle_since + lease.idle_ms > ?", [query.now])
          .whereIn("box.state", ["ready", "leased"])
          .whereNull("box.unfit")
          .orderBy("lease.idle_since", "desc")
          .select("lease.*")
          .first<LeaseRow | undefined>(),
      ),
    activate: (id, box) => activateLease(db, id, box),
    end: (id, reason) => endLease(db, id, reason),
    settle: (id, lines) => settleLease(db, id, lines),
    setHolder: (id, holder) => holdLease(db, id, holder),
    extend: (id, expiresAt, reserve, caps) => extendLease(db, id, expiresAt, reserve, caps),
    keep: (id, idleMs) => keepLease(db, id, idleMs),
    async live(filter = {}) {
      const { accountId, repositoryId, holder } = filter;
      const rows = await db.read((knex) =>
        knex<LeaseRow>("lease")
          .whereIn("state", ["requested", "active", "ending"])
          .where({
            ...(accountId === undefined ? {} : { account_id: accountId }),
            ...(repositoryId === undefined ? {} : { repository_id: repositoryId }),
            ...(holder === undefined ? {} : { holder_kind: holder.kind, holder_key: holder.key }),
          })
          .orderBy(["created_at", "id"])
          .select(),
      );
      return rows.map((row) => toLease(row));
    },
  };
}
