import type { Attempt, Box, Lease, Repository, Run, RunOptions } from "../../app/store/rows.ts";
import type { CheckRunInput } from "../../app/runs/report-view.ts";

/** Rows of one ordinary run, to be varied by spreading. Times count from `T0`. */
export const T0 = Date.UTC(2026, 10, 23, 10, 0, 0);
export const SHA = "0123456789abcdef0123456789abcdef01234567";
export const OPTIONS: RunOptions = {
  class: "standard",
  provider: "local",
  timeoutMs: 1_800_000,
  ttlMs: 5_400_000,
  idleMs: 600_000,
};

export const repository: Repository = {
  id: 7,
  accountId: 1,
  owner: "octo",
  name: "shop",
  defaultBranch: "main",
  private: false,
};

export const run: Run = {
  id: "run_00000000000a",
  source: "comment",
  sourceKey: "guid:0",
  accountId: 1,
  repositoryId: 7,
  pullRequest: 12,
  commentId: 99,
  headSha: SHA,
  checkoutSha: SHA,
  baseSha: "f".repeat(40),
  baseRef: "main",
  headRef: "feature/cart",
  headRepositoryId: 7,
  actor: "alice",
  actorId: 5,
  checkName: "crabbox / run: npm test",
  commandKind: "line",
  command: "npm test",
  options: OPTIONS,
  retryOf: null,
  trustDomain: "7:trusted",
  state: "queued",
  outcome: null,
  detail: null,
  cancel: null,
  createdAt: T0,
  queuedAt: null,
  startedAt: null,
  endedAt: null,
  claimFence: null,
};

export const lease: Lease = {
  id: "cbx_00000000000b",
  slug: "eager-reef",
  accountId: 1,
  repositoryId: 7,
  trustDomain: "7:trusted",
  holder: { kind: "run", key: run.id },
  purpose: "run",
  provider: "local",
  class: "standard",
  state: "active",
  endReason: null,
  busyAttempt: null,
  createdAt: T0 + 2000,
  expiresAt: T0 + 5_400_000,
  idleMs: 600_000,
  idleSince: null,
  endedAt: null,
};

export const box: Box = {
  id: "box_00000000000c",
  leaseId: lease.id,
  provider: "local",
  ref: "slot-1",
  type: "local-4",
  trustDomain: "7:trusted",
  state: "leased",
  address: null,
  price: {
    type: "local-4",
    microUsdPerHour: 36_000,
    original: { amount: "0.036", currency: "USD", rateToUsd: "1" },
    billingStepSeconds: 1,
    minimumSeconds: 0,
    source: "settings",
    date: "2026-11-01",
  },
  hydrated: null,
  epoch: null,
  unfit: null,
  createdAt: T0 + 2000,
  readyAt: T0 + 3000,
  goneAt: null,
};

export const attempt: Attempt = {
  id: "att_00000000000d",
  runId: run.id,
  n: 1,
  leaseId: lease.id,
  state: "ended",
  task: null,
  phases: {
    sync: { begin: T0 + 3100, ms: 80, outcome: "succeeded" },
    hydrate: { begin: T0 + 3200, ms: 4200, outcome: "succeeded" },
    execute: { begin: T0 + 7500, ms: 12_000, outcome: "succeeded" },
  },
  exit: { code: 0, executed: true, survivors: [], rung: "cgroup2", endedAt: T0 + 19_500 },
  executed: true,
  swept: false,
  logBytes: 1000,
  costMicroUsd: 165,
  createdAt: T0 + 3000,
  endedAt: T0 + 19_600,
};

/** A run that ended well. */
export const ended: CheckRunInput = {
  run: {
    ...run,
    state: "done",
    outcome: "succeeded",
    detail: { message: "The command exited with 0." },
    startedAt: T0 + 2000,
    endedAt: T0 + 20_000,
  },
  repository,
  attempts: [attempt],
  lease,
  box,
  position: null,
  logTail: { text: "1 passing\n", beforeBytes: 0 },
  notice: null,
  defaults: OPTIONS,
  links: { web: "https://github.com", log: "https://crabbox.example/logs/tok" },
  artifacts: [],
  now: T0 + 21_000,
};
