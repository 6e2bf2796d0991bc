import type { BoxAddress, Price } from "../../providers/provider.ts";
import type { AttemptId, BoxId, LeaseId, RunId } from "../ids.ts";
import type { BoxState, LeaseEndReason } from "../leases/lease.ts";
import type { Outcome } from "../runs/outcome.ts";
import type { RunState } from "../runs/run.ts";
import type {
  Account,
  Attempt,
  Box,
  CancelRequest,
  Delivery,
  Lease,
  LedgerLine,
  PhaseTimes,
  Repository,
  Run,
  RunDetail,
  StoredEvent,
} from "./rows.ts";

/**
 * The store's contract. Every change is one transaction with its event; a change of state is compare-and-set and answers null
 * when the row was no longer in a state from which it is legal. Everything here is safe to repeat with the same keys.
 */
export type Store = {
  readonly accounts: Accounts;
  readonly repositories: Repositories;
  readonly deliveries: Deliveries;
  readonly runs: Runs;
  readonly attempts: Attempts;
  readonly leases: Leases;
  readonly boxes: Boxes;
  readonly ledger: Ledger;
  readonly events: Events;
  readonly outside: OutsideCalls;
  readonly answers: Answers;
  readonly logLinks: LogLinks;
  /** Random id of this store, made once: the `owner` label of our boxes. */
  readonly owner: string;
  /** This process's fence: greater than any earlier process's. Every write checks that it still is the newest. */
  readonly fence: number;
  /** Deletes what retention allows; answers how many rows of each table went. */
  sweep(before: {
    readonly deliveryBodies: number;
    readonly events: number;
    readonly answers: number;
  }): Promise<Readonly<Record<string, number>>>;
  /** True when a trivial read and a trivial write work now. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
};

export type Accounts = {
  upsert(account: {
    id: number;
    login: string;
    type: string;
    installationId: number | null;
  }): Promise<Account>;
  get(id: number): Promise<Account | null>;
  byInstallation(installationId: number): Promise<Account | null>;
  all(): Promise<readonly Account[]>;
  /** Suspended, unsuspended or removed; `at` null clears. */
  mark(id: number, what: "suspended" | "removed", at: number | null): Promise<void>;
};

export type Repositories = {
  upsert(repository: Repository): Promise<Repository>;
  get(id: number): Promise<Repository | null>;
};

export type Deliveries = {
  /** Group-committed with FULL sync before it answers. `conflict`: same GUID, other bytes. */
  put(delivery: {
    guid: string;
    event: string;
    action: string | null;
    installationId: number | null;
    body: Buffer;
  }): Promise<"stored" | "duplicate" | "conflict">;
  /** Up to `limit` due deliveries in order of arrival, claimed for `claimMs`. */
  claim(limit: number, claimMs: number): Promise<readonly Delivery[]>;
  /** Delivered to every handler. */
  done(guid: string): Promise<void>;
  /** Failed: tried again at `nextAt`, or dead when null. */
  failed(guid: string, error: string, nextAt: number | null): Promise<void>;
  known(guids: readonly string[]): Promise<ReadonlySet<string>>;
  dead(): Promise<
    readonly { guid: string; event: string; receivedAt: number; tries: number; error: string }[]
  >;
  /** Puts a dead letter back; false when there is none of that GUID. */
  revive(guid: string): Promise<boolean>;
  counts(): Promise<Readonly<Record<"stored" | "done" | "dead", number>>>;
};

export type NewRun = Omit<
  Run,
  "state" | "outcome" | "detail" | "cancel" | "createdAt" | "startedAt" | "endedAt" | "claimFence"
>;

export type Runs = {
  /** Inserts as `queued`; the same sourceKey answers the run made first (`created: false`). */
  create(run: NewRun): Promise<{ readonly run: Run; readonly created: boolean }>;
  get(id: RunId): Promise<Run | null>;
  /**
   * Claims up to `limit` runs that nobody works on: unfinished ones of earlier processes first, then queued ones, fairly (one
   * account after the other, oldest first), never more than `perAccount` of an account in leasing, running or reporting.
   */
  claim(limit: number, perAccount: number, claimMs: number): Promise<readonly Run[]>;
  /** Moves the run; `set` fields are written with it. Null when it was not in `from` any more. */
  change(
    id: RunId,
    from: RunState,
    to: RunState,
    set?: { readonly outcome?: Outcome; readonly detail?: RunDetail },
  ): Promise<Run | null>;
  /** Asks an unfinished run to end; the first request wins. Answers the run, or null when it is already reporting or done. */
  cancel(id: RunId, request: CancelRequest): Promise<Run | null>;
  /** Puts the claim down, so that any worker may take the run again after `notBefore` (epoch ms). */
  unclaim(id: RunId, notBefore?: number): Promise<void>;
  /** Newest first. */
  ofPullRequest(repositoryId: number, pullRequest: number, limit: number): Promise<readonly Run[]>;
  ofHead(repositoryId: number, headSha: string): Promise<readonly Run[]>;
  unfinished(filter: {
    readonly accountId?: number;
    readonly repositoryId?: number;
    readonly pullRequest?: number;
  }): Promise<readonly Run[]>;
  /** 1 for the next to start among the queued; 0 when not queued. */
  position(id: RunId): Promise<number>;
  /** Ended runs whose log may go: done before `before`. */
  endedBefore(before: number, limit: number): Promise<readonly Run[]>;
  counts(): Promise<Readonly<Record<RunState, number>>>;
};

export type Attempts = {
  /** Inserts as `starting` and marks the lease busy with it, in one transaction; null when the lease is busy or not active. */
  create(attempt: { id: AttemptId; runId: RunId; n: number; leaseId: LeaseId }): Promise<Attempt | null>;
  get(id: AttemptId): Promise<Attempt | null>;
  /** In order of n. */
  ofRun(runId: RunId): Promise<readonly Attempt[]>;
  ofLease(leaseId: LeaseId): Promise<readonly Attempt[]>;
  /** Stored before the task is sent (law 2), without secrets. */
  setTask(id: AttemptId, task: NonNullable<Attempt["task"]>): Promise<void>;
  /** `starting -> running` on the first frame; then repeated freely. */
  progress(
    id: AttemptId,
    set: { readonly logBytes: number; readonly phases: PhaseTimes; readonly executed: boolean },
  ): Promise<void>;
  /** Ends it, sets the lease idle again (`idleSince` now), in one transaction. Null when already ended. */
  end(
    id: AttemptId,
    set: { readonly exit: Attempt["exit"]; readonly executed: boolean },
  ): Promise<Attempt | null>;
  /** boxd has forgotten it. */
  swept(id: AttemptId): Promise<void>;
  /** Ended, on a box that still lives, not swept. */
  unswept(boxId: BoxId): Promise<readonly Attempt[]>;
};

export type AdmitRequest = {
  readonly lease: Omit<Lease, "state" | "endReason" | "busyAttempt" | "createdAt" | "idleSince" | "endedAt">;
  readonly box: { readonly id: BoxId };
  /** Worst case; books the `reserve` line. */
  readonly reserve: LedgerLine;
  /** The account's cap from `since` (start of the month) on; null = no cap. */
  readonly cap: { readonly microUsd: number; readonly since: number } | null;
  /** Most live leases of the account; counted in the same transaction. */
  readonly maxLeases: number;
};

export type Leases = {
  /** Lease `requested`, box `creating` and the reservation in one transaction, or why not. */
  admit(
    request: AdmitRequest,
  ): Promise<
    | { readonly ok: true; readonly lease: Lease; readonly box: Box }
    | {
        readonly ok: false;
        readonly why: "over_cap";
        readonly spentMicroUsd: number;
        readonly reservedMicroUsd: number;
        readonly capMicroUsd: number;
      }
    | { readonly ok: false; readonly why: "max_leases"; readonly live: number; readonly max: number }
  >;
  get(id: LeaseId): Promise<Lease | null>;
  bySlug(accountId: number, slug: string): Promise<Lease | null>;
  /** Active, idle, not expired, box `ready` or `leased` and fit, of exactly this trust domain, class and provider. */
  findWarm(query: {
    readonly trustDomain: string;
    readonly class: string;
    readonly provider: string;
    readonly now: number;
  }): Promise<Lease | null>;
  /** `requested -> active`, box to `leased` with its address, in one transaction. */
  activate(
    id: LeaseId,
    box: { readonly ref: string; readonly type: string; readonly address: BoxAddress; readonly price: Price },
  ): Promise<Lease | null>;
  /** To `ending` with the reason, box to `destroying`; null when it already was ending or ended. */
  end(id: LeaseId, reason: LeaseEndReason): Promise<Lease | null>;
  /** `ending -> ended`, box `gone`, reservation released and actual cost charged (lines), in one transaction; safe to repeat. */
  settle(id: LeaseId, lines: readonly LedgerLine[]): Promise<Lease | null>;
  /** The holder becomes another (a run's lease kept warm for its pull request). */
  setHolder(id: LeaseId, holder: Lease["holder"]): Promise<void>;
  extend(id: LeaseId, expiresAt: number, reserve: LedgerLine): Promise<Lease | null>;
  live(filter?: {
    readonly accountId?: number;
    readonly repositoryId?: number;
    readonly holder?: Lease["holder"];
  }): Promise<readonly Lease[]>;
};

export type Boxes = {
  get(id: BoxId): Promise<Box | null>;
  ofLease(leaseId: LeaseId): Promise<Box | null>;
  change(id: BoxId, from: BoxState, to: BoxState): Promise<Box | null>;
  /** What is learned along the way. */
  note(
    id: BoxId,
    set: Partial<Pick<Box, "ref" | "type" | "address" | "hydrated" | "epoch" | "unfit" | "price">>,
  ): Promise<void>;
  live(): Promise<readonly Box[]>;
};

export type Ledger = {
  ofLease(leaseId: LeaseId): Promise<readonly (LedgerLine & { readonly at: number })[]>;
  /** Charged plus still reserved since `since`. */
  spent(
    accountId: number,
    since: number,
  ): Promise<{ readonly chargedMicroUsd: number; readonly reservedMicroUsd: number }>;
};

export type Events = {
  append(event: Omit<StoredEvent, "id" | "at">): Promise<void>;
  of(subject: string, subjectId: string, limit: number): Promise<readonly StoredEvent[]>;
};

/** Law 2: the row exists before the call; after a crash an `intended` one is looked up outside before it is repeated. */
export type OutsideCalls = {
  /** Inserts `intended`, or answers the row that is there. */
  intend(
    key: string,
  ): Promise<{
    readonly state: "intended" | "done";
    readonly result: unknown;
    readonly sent: string | null;
    readonly fresh: boolean;
  }>;
  done(key: string, result: unknown, sent: string): Promise<void>;
  get(
    key: string,
  ): Promise<{
    readonly state: "intended" | "done";
    readonly result: unknown;
    readonly sent: string | null;
  } | null>;
};

export type Answers = {
  /** The same key again does nothing; answers whether it was new. */
  put(answer: {
    key: string;
    repositoryId: number;
    pullRequest: number;
    actor: string;
    body: string;
  }): Promise<boolean>;
  latest(
    repositoryId: number,
    pullRequest: number,
    limit: number,
  ): Promise<readonly { readonly actor: string; readonly body: string; readonly at: number }[]>;
};

export type LogLinks = {
  /** Keeps only the token's SHA-256. */
  put(token: string, runId: RunId, expiresAt: number): Promise<void>;
  /** The run, when the token is known and not expired. */
  resolve(token: string, now: number): Promise<RunId | null>;
};
