import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sqlite3 from "sqlite3";
import type { Clock } from "../../app/clock.ts";
import type { LeaseId, RunId } from "../../app/ids.ts";
import { createIds } from "../../app/ids.ts";
import type { AdmitRequest } from "../../app/store/leases-admit.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { NewRun } from "../../app/store/runs.ts";
import type { Store } from "../../app/store/store.ts";

export const ids = createIds();

/** A clock that stands still until it is moved. */
export type HandClock = Clock & { advance(ms: number): void };

export function createHandClock(start = 1_800_000_000_000): HandClock {
  let now = start;
  return {
    now: () => now,
    sleep: () => Promise.resolve(),
    advance(ms) {
      now += ms;
    },
  };
}

export type Fixture = {
  readonly store: Store;
  readonly clock: HandClock;
  readonly dir: string;
  readonly path: string;
  /** Another opening of the same file: the next fence. */
  again(): Promise<Store>;
  end(): Promise<void>;
};

/** One statement by another connection, as a tool of the operator's would: what the store itself never does. */
export async function sql(path: string, text: string, bindings: readonly unknown[] = []): Promise<void> {
  const database = new sqlite3.Database(path);
  const done = await new Promise<Error | null>((resolve) => {
    database.run(text, [...bindings], resolve);
  });
  await new Promise<void>((resolve) => {
    database.close(() => resolve());
  });
  if (done !== null) throw done;
}

/** A fresh store in a directory of its own with accounts 1 to 3 and repositories 11, 12, 13 of theirs. */
export async function openFixture(): Promise<Fixture> {
  const dir = mkdtempSync(join(tmpdir(), "store-test-"));
  const path = join(dir, "app.sqlite");
  const clock = createHandClock();
  const opened: Store[] = [];
  const again = async () => {
    const store = await openStore({ path, clock });
    opened.push(store);
    return store;
  };
  const store = await again();
  for (const id of [1, 2, 3]) await addAccount(store, id);
  return {
    store,
    clock,
    dir,
    path,
    again,
    async end() {
      for (const one of opened) await one.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Account `id` with repository `10 + id`. */
async function addAccount(store: Store, id: number): Promise<void> {
  const login = `owner-${id}`;
  await store.accounts.upsert({ id, login, type: "Organization", installationId: 100 + id });
  await store.repositories.upsert({
    id: 10 + id,
    accountId: id,
    owner: login,
    name: "shop",
    defaultBranch: "main",
    private: id % 2 === 0,
  });
}

export function newRun(set: Partial<NewRun> = {}): NewRun {
  const id: RunId = set.id ?? ids.run();
  const accountId = set.accountId ?? 1;
  return {
    id,
    source: "comment",
    sourceKey: `delivery-${id}:0`,
    accountId,
    repositoryId: 10 + accountId,
    pullRequest: 7,
    commentId: 5_000_000_000,
    headSha: "a".repeat(40),
    checkoutSha: "a".repeat(40),
    baseSha: "b".repeat(40),
    baseRef: "main",
    headRef: "feature",
    headRepositoryId: 10 + accountId,
    actor: "octo",
    actorId: 42,
    checkName: "crabbox",
    commandKind: "line",
    command: "npm test",
    options: { class: "standard", timeoutMs: 60_000, ttlMs: 120_000, idleMs: 30_000 },
    retryOf: null,
    trustDomain: `${10 + accountId}:trusted`,
    ...set,
  };
}

export type AdmitSet = {
  readonly id?: LeaseId;
  readonly accountId?: number;
  readonly microUsd?: number;
  readonly caps?: AdmitRequest["caps"];
  readonly maxLeases?: number;
  readonly holder?: AdmitRequest["lease"]["holder"];
  readonly expiresAt?: number;
};

export function admitRequest(set: AdmitSet = {}): AdmitRequest {
  const id = set.id ?? ids.lease();
  const accountId = set.accountId ?? 1;
  return {
    lease: {
      id,
      slug: "calm-otter",
      accountId,
      repositoryId: 10 + accountId,
      trustDomain: `${10 + accountId}:trusted`,
      holder: set.holder ?? { kind: "run", key: "run_000000000000" },
      purpose: "run",
      provider: "local",
      class: "standard",
      expiresAt: set.expiresAt ?? 1_800_000_600_000,
      idleMs: 60_000,
    },
    box: { id: ids.box() },
    reserve: {
      kind: "reserve",
      key: `reserve:${id}`,
      microUsd: set.microUsd ?? 1_000,
      accountId,
      provider: "local",
      class: "standard",
      leaseId: id,
    },
    caps: set.caps ?? [],
    maxLeases: set.maxLeases ?? 1_000,
  };
}

export const made = {
  ref: "slot-1",
  type: "local",
  address: {
    host: "127.0.0.1",
    port: 22,
    user: "box",
    hostKey: null,
    keyFile: "/keys/box",
    root: "/boxes/1",
  },
  price: {
    type: "local",
    microUsdPerHour: 3_600,
    original: { amount: "0.0036", currency: "USD", rateToUsd: "1" },
    billingStepSeconds: 1,
    minimumSeconds: 1,
    source: "settings",
    date: "2026-11-01",
  },
} as const;

/** A lease with an active box, ready to serve. */
export async function activeLease(store: Store, set: AdmitSet = {}): Promise<LeaseId> {
  const request = admitRequest(set);
  await store.leases.admit(request);
  await store.leases.activate(request.lease.id, made);
  return request.lease.id;
}
