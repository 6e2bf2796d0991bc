import type { BoxAddress, BoxClass, Price } from "../../providers/provider.ts";
import type { PhaseName, Task, TaskExit } from "../../runner-bootstrap/boxd/task.ts";
import type { CollectAsked } from "../artifacts/collect-asked.ts";
import type { StepsAsked, WorkAsked } from "../hydrate/hydrate-asked.ts";
import type { AttemptId, BoxId, LeaseId, RunId } from "../ids.ts";
import type { BoxState, LeaseEndReason, LeaseHolder, LeaseState } from "../leases/lease.ts";
import type { PhaseSaid } from "../results/phase-said.ts";
import type { Outcome } from "../runs/outcome.ts";
import type { AttemptState, RunGroup, RunSource, RunState } from "../runs/run.ts";

/** Rows as the App sees them: camelCase, JSON columns parsed, times in epoch ms, money in micro-USD. */

export type Account = {
  readonly id: number;
  readonly login: string;
  readonly type: string;
  readonly installationId: number | null;
  readonly suspendedAt: number | null;
  readonly removedAt: number | null;
};

export type Repository = {
  readonly id: number;
  readonly accountId: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
  readonly private: boolean;
};

export type RunOptions = CollectAsked &
  WorkAsked &
  StepsAsked & {
    readonly class: BoxClass;
    /** Absent: the server's default provider. */
    readonly provider?: string;
    readonly timeoutMs: number;
    readonly ttlMs: number;
    readonly idleMs: number;
    /** The actor's own monthly cap (bots have one); absent: only the account's counts. */
    readonly actorCapMicroUsd?: number;
    /** Names of the server's `env` it gets; absent: all of them. */
    readonly env?: readonly string[];
    /** How runs of its check and pull request heed each other; absent: not at all. */
    readonly group?: RunGroup;
    /** What a reader must know of how it came about, one sentence each. */
    readonly notes?: readonly string[];
  };

/** Who asked to end a run, and what it then counts as. */
export type CancelRequest = {
  readonly outcome: Extract<Outcome, "cancelled" | "superseded" | "expired" | "refused">;
  readonly by: string;
  readonly reason: string;
  /** Source key of the command that asked, so that the same one again knows its own work. */
  readonly cause?: string;
  readonly at: number;
};

/** What the report needs beyond the outcome. */
export type RunDetail = {
  /** What happened, one sentence. */
  readonly message?: string;
  /** What to do, when better than the outcome's own next step. */
  readonly hint?: string;
};

export type Run = {
  readonly id: RunId;
  readonly source: RunSource;
  readonly sourceKey: string;
  readonly accountId: number;
  readonly repositoryId: number;
  readonly pullRequest: number | null;
  readonly commentId: number | null;
  readonly headSha: string;
  readonly checkoutSha: string;
  readonly baseSha: string;
  readonly baseRef: string;
  readonly headRef: string;
  /** Where the commit comes from, by GitHub's id: a fork's, or the repository itself. Null: not known. */
  readonly headRepositoryId: number | null;
  readonly actor: string;
  readonly actorId: number;
  readonly checkName: string;
  readonly commandKind: "line" | "script";
  readonly command: string;
  readonly options: RunOptions;
  readonly retryOf: RunId | null;
  readonly trustDomain: string;
  readonly state: RunState;
  readonly outcome: Outcome | null;
  readonly detail: RunDetail | null;
  readonly cancel: CancelRequest | null;
  readonly createdAt: number;
  /** When an approval let it into the queue; null when it never waited for one. */
  readonly queuedAt: number | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly claimFence: number | null;
};

export type Lease = {
  readonly id: LeaseId;
  readonly slug: string;
  readonly accountId: number;
  readonly repositoryId: number;
  readonly trustDomain: string;
  readonly holder: LeaseHolder;
  readonly purpose: string;
  readonly provider: string;
  readonly class: BoxClass;
  readonly state: LeaseState;
  readonly endReason: LeaseEndReason | null;
  readonly busyAttempt: AttemptId | null;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly idleMs: number;
  readonly idleSince: number | null;
  readonly endedAt: number | null;
};

export type Box = {
  readonly id: BoxId;
  readonly leaseId: LeaseId;
  readonly provider: string;
  readonly ref: string | null;
  readonly type: string | null;
  readonly trustDomain: string;
  readonly state: BoxState;
  readonly address: BoxAddress | null;
  readonly price: Price | null;
  readonly hydrated: { readonly fingerprint: string; readonly at: number; readonly sha: string } | null;
  readonly epoch: string | null;
  readonly unfit: string | null;
  readonly createdAt: number;
  readonly readyAt: number | null;
  readonly goneAt: number | null;
};

/** Begin and end of each phase by the box's clock, and of the App's own by the App's. */
export type PhaseTimes = Readonly<
  Partial<
    Record<
      PhaseName,
      {
        readonly begin: number;
        readonly ms?: number;
        readonly outcome?: "succeeded" | "failed" | "skipped";
        readonly detail?: string;
      } & PhaseSaid
    >
  >
>;

export type Attempt = {
  readonly id: AttemptId;
  readonly runId: RunId;
  readonly n: number;
  readonly leaseId: LeaseId;
  readonly state: AttemptState;
  readonly task: Omit<Task, "secrets" | "syncToken"> | null;
  readonly phases: PhaseTimes;
  readonly exit: TaskExit | null;
  readonly executed: boolean;
  readonly swept: boolean;
  /** Bytes of the App's copy of the journal whose events are in `phases`; the copy may have more. */
  readonly logBytes: number;
  readonly costMicroUsd: number | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
};

export type LedgerLine = {
  readonly kind: "reserve" | "release" | "charge";
  /** The same key never books twice. */
  readonly key: string;
  readonly microUsd: number;
  readonly accountId: number;
  readonly repositoryId?: number;
  readonly pullRequest?: number;
  readonly member?: string;
  readonly provider: string;
  readonly class: BoxClass;
  readonly type?: string;
  readonly leaseId: LeaseId;
  readonly attemptId?: AttemptId;
};

export type Delivery = {
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly body: Buffer;
  /** Claims so far, this one included: 1 the first time. */
  readonly tries: number;
  readonly receivedAt: number;
};
