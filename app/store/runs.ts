import type { Knex } from "knex";
import type { RunId } from "../ids.ts";
import type { Outcome } from "../runs/outcome.ts";
import type { RunState } from "../runs/run.ts";
import type { Db } from "./db.ts";
import type { CancelRequest, Run, RunDetail } from "./rows.ts";
import { cancelRun, changeRun, createRun } from "./runs-change.ts";
import { claimRuns, UNCLAIMED, UNFINISHED } from "./runs-claim.ts";
import { firstPausing, positionOf } from "./runs-order.ts";
import { recentPullRequests, type PullRequestKey } from "./runs-recent.ts";
import { toRun, type RunRow } from "./runs-row.ts";

export type NewRun = Omit<
  Run,
  | "state"
  | "outcome"
  | "detail"
  | "cancel"
  | "createdAt"
  | "queuedAt"
  | "startedAt"
  | "endedAt"
  | "claimFence"
>;

/** Asked for room at once when there may be some: the first may wait for another provider. */
const FREED_TRIED_MAX = 4;

/** How a run ended that was never to start: it is only reported. */
export type EndedRun = { readonly outcome: Outcome; readonly detail: RunDetail };

export type RunSet = { readonly outcome?: Outcome; readonly detail?: RunDetail };

export type Runs = {
  /**
   * Inserts as `queued`, or as `held` when its trust domain is not the repository's own and no approval covers it yet. The same
   * sourceKey answers the run made first (`created: false`). With `ended` it is only there to be reported.
   */
  create(run: NewRun, ended?: EndedRun): Promise<{ readonly run: Run; readonly created: boolean }>;
  get(id: RunId): Promise<Run | null>;
  /**
   * Claims up to `limit` runs that nobody works on: first unfinished ones of earlier processes, or whose claim ran out, or that were
   * asked to end (held ones, too: they need no box); then queued ones, fairly (the account with the fewest under way first, each
   * account's oldest first), never more than `perAccount` of an account in leasing or running (reporting needs no box).
   */
  claim(limit: number, perAccount: number, claimMs: number): Promise<readonly Run[]>;
  /** Holds this process's claim for `claimMs` from now; false when it is not this process's any more. */
  renew(id: RunId, claimMs: number): Promise<boolean>;
  /**
   * Moves the run; `set` fields are written with it. Null when it was not in `from` any more. `startedAt` is its first leasing (again
   * null when it went back to the queue), `endedAt` its done.
   */
  change(id: RunId, from: RunState, to: RunState, set?: RunSet): Promise<Run | null>;
  /** Asks an unfinished run to end; the first request wins. Answers the run, or null when it is already reporting or done. */
  cancel(id: RunId, request: CancelRequest): Promise<Run | null>;
  /** Puts the claim down, so that any worker may take the run again after `notBefore` (epoch ms). */
  unclaim(id: RunId, notBefore?: number): Promise<void>;
  /** The first few queued runs that pause may be claimed at once: there may be room for one. */
  capacityFreed(): Promise<void>;
  /** Pull requests whose comment may be behind: something happened there since then (epoch ms). */
  recentPullRequests(since: number): Promise<readonly PullRequestKey[]>;
  /** Newest first. */
  ofPullRequest(repositoryId: number, pullRequest: number, limit: number): Promise<readonly Run[]>;
  /** Oldest first. */
  ofHead(repositoryId: number, headSha: string): Promise<readonly Run[]>;
  /** Oldest first. */
  unfinished(filter: {
    readonly accountId?: number;
    readonly repositoryId?: number;
    readonly pullRequest?: number;
  }): Promise<readonly Run[]>;
  /** 1 for the next to start among the queued; 0 when not queued, or asked to end. */
  position(id: RunId): Promise<number>;
  /** Ended runs whose log may go: done before `before`, their log not said to be removed. Oldest first. */
  endedBefore(before: number, limit: number): Promise<readonly Run[]>;
  /** The run's log is gone: `endedBefore` passes over it from now on. */
  logRemoved(id: RunId): Promise<void>;
  /** Runs that have waited for an approval since before `before`. Oldest first. */
  heldBefore(before: number, limit: number): Promise<readonly Run[]>;
  counts(): Promise<Readonly<Record<RunState, number>>>;
};

/** The table of runs. Failures are `store_failed` and its kin. */
export function createRuns(db: Db): Runs {
  const list = async (query: (knex: Knex) => PromiseLike<RunRow[]>): Promise<readonly Run[]> => {
    const rows = await db.read(async (knex) => query(knex));
    return rows.map((row) => toRun(row));
  };
  return {
    create: (run, ended) => createRun(db, run, ended),
    async get(id) {
      const row = await db.read((knex) => knex<RunRow>("run").where({ id }).first());
      return row === undefined ? null : toRun(row);
    },
    claim: (limit, perAccount, claimMs) => claimRuns(db, limit, perAccount, claimMs),
    async renew(id, claimMs) {
      return db.write(async (trx) => {
        const renewed = await trx("run")
          .where({ id, claim_fence: db.fence })
          .update({ claimed_until: db.now() + claimMs });
        return renewed > 0;
      });
    },
    change: (id, from, to, set = {}) => changeRun(db, id, from, to, set),
    cancel: (id, request) => cancelRun(db, id, request),
    async unclaim(id, notBefore) {
      await db.write(async (trx) => {
        await trx("run")
          .where({ id })
          .update({ ...UNCLAIMED, not_before: notBefore ?? null });
      });
    },
    async capacityFreed() {
      const first = await db.read((knex) => firstPausing(knex, db, FREED_TRIED_MAX));
      if (first.length === 0) return;
      await db.write((trx) =>
        trx("run").whereIn("id", first).where({ state: "queued" }).update({ not_before: null }),
      );
    },
    ofPullRequest: (repositoryId, pullRequest, limit) =>
      list((knex) =>
        knex<RunRow>("run")
          .where({ repository_id: repositoryId, pull_request: pullRequest })
          .orderBy("seq", "desc")
          .limit(limit)
          .select(),
      ),
    ofHead: (repositoryId, headSha) =>
      list((knex) =>
        knex<RunRow>("run").where({ repository_id: repositoryId, head_sha: headSha }).orderBy("seq").select(),
      ),
    unfinished: (filter) =>
      list((knex) =>
        knex<RunRow>("run")
          .whereIn("state", UNFINISHED)
          .where({
            ...(filter.accountId === undefined ? {} : { account_id: filter.accountId }),
            ...(filter.repositoryId === undefined ? {} : { repository_id: filter.repositoryId }),
            ...(filter.pullRequest === undefined ? {} : { pull_request: filter.pullRequest }),
          })
          .orderBy("seq")
          .select(),
      ),
    recentPullRequests: (since) => recentPullRequests(db, since),
    position: (id) => db.read((knex) => positionOf(knex, db, id)),
    endedBefore: (before, limit) =>
      list((knex) =>
        knex<RunRow>("run")
          .where({ state: "done" })
          .andWhere("ended_at", "<", before)
          .whereNull("log_removed_at")
          .orderBy("ended_at")
          .limit(limit)
          .select(),
      ),
    async logRemoved(id) {
      await db.write(async (trx) => {
        await trx("run").where({ id }).whereNull("log_removed_at").update({ log_removed_at: db.now() });
      });
    },
    heldBefore: (before, limit) =>
      list((knex) =>
        knex<RunRow>("run")
          .where({ state: "held" })
          .andWhere("created_at", "<", before)
          .orderBy("seq")
          .limit(limit)
          .select(),
      ),
    async counts() {
      const rows = await db.read((knex) =>
        knex("run")
          .groupBy("state")
          .select<{ state: RunState; n: number }[]>("state", knex.raw("count(*) as n")),
      );
      const counts = { held: 0, queued: 0, leasing: 0, running: 0, reporting: 0, done: 0 };
      for (const row of rows) counts[row.state] = row.n;
      return counts;
    },
  };
}
