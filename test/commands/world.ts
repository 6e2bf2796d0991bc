import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AutoDeps } from "../../app/auto/deps.ts";
import type { CommentDelivery, DispatchDeps } from "../../app/commands/dispatch.ts";
import type { PullRequestFacts } from "../../app/commands/pull-request.ts";
import { COMMANDS } from "../../app/commands/table.ts";
import { forkPolicyOf, type ForkSettings } from "../../app/forks/policy.ts";
import type { InstallationState } from "../../app/github/app-info.ts";
import type { Role } from "../../app/github/permissions.ts";
import { createIds, type LeaseId } from "../../app/ids.ts";
import { fileDeps, fileWorld, type FileWorld } from "./world-file.ts";
import type { LeaseHolder } from "../../app/leases/lease.ts";
import { createLog } from "../../app/log.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { Lease, Repository, Run } from "../../app/store/rows.ts";
import type { Store } from "../../app/store/store.ts";
import type { InstallationDeps } from "../../app/webhooks/installation.ts";
import { leaseFlows, makeLease, price, type LeaseWorld } from "./world-leases.ts";

export const REPOSITORY: Repository = {
  id: 77,
  accountId: 7,
  owner: "octo",
  name: "shop",
  defaultBranch: "main",
  private: false,
};
export const HEAD = "a".repeat(40);
export const BASE_TIP = "c".repeat(40);
export const OLD_BASE = "b".repeat(40);
const MINUTE = 60_000;
const PROVIDERS: DispatchDeps["providers"] = new Map([
  ["local", { name: "local", isolation: "user", types: (boxClass) => [`dir-${boxClass}`], price }],
  ["cell", { name: "cell", isolation: "container", types: (boxClass) => [`cell-${boxClass}`], price }],
]);

/** What GitHub would say and what was asked of it; tests change the first and look at the second. */
export type Outside = {
  role: Role;
  installation: InstallationState;
  pullRequest: PullRequestFacts;
  now: number;
  readonly calls: string[];
  readonly reactions: string[];
  readonly refreshed: string[];
  readonly released: { id: LeaseId; reason: string }[];
  failReactions: boolean;
  readonly file: FileWorld;
  readonly leases: LeaseWorld;
  forks: ForkSettings;
  inTeam: () => boolean;
  readonly releasedRuns: string[];
};

export type World = {
  readonly store: Store;
  readonly outside: Outside;
  readonly deps: DispatchDeps &
    AutoDeps &
    InstallationDeps & { readonly store: Store; readonly accounts: readonly string[] };
  /** A comment by mona, created now. */
  comment(body: string, change?: Partial<CommentDelivery>): CommentDelivery;
  runs(): Promise<readonly Run[]>;
  answers(): Promise<readonly string[]>;
  /** Ends a run as a worker would. */
  finish(run: Run): Promise<void>;
  lease(holder: LeaseHolder): Promise<Lease>;
  close(): Promise<void>;
};

/** The commands' world: a real store in a directory of its own, and GitHub as recorded functions. */
export async function openWorld(): Promise<World> {
  const directory = await mkdtemp(join(tmpdir(), "crabbox-commands-"));
  const outside: Outside = {
    role: "write",
    installation: "active",
    pullRequest: {
      number: 5,
      state: "open",
      draft: false,
      author: { login: "mona" },
      headSha: HEAD,
      headRef: "topic",
      headRepositoryId: REPOSITORY.id,
      fork: false,
      baseSha: OLD_BASE,
      baseRef: "main",
      repository: { private: false, archived: false },
    },
    now: Date.parse("2026-11-23T10:00:00Z"),
    calls: [],
    reactions: [],
    refreshed: [],
    released: [],
    failReactions: false,
    file: fileWorld(BASE_TIP),
    leases: { capMicroUsd: null, maxLeases: 100, told: [] },
    forks: { policy: "approve", bases: [] },
    inTeam: () => false,
    releasedRuns: [],
  };
  const clock = {
    now: () => outside.now,
    sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)),
  };
  const ids = createIds();
  const store = await openStore({ path: join(directory, "store.db"), clock });
  await store.accounts.upsert({ id: 7, login: "octo", type: "Organization", installationId: 70 });
  await store.repositories.upsert(REPOSITORY);

  const deps: World["deps"] = {
    appId: 1,
    bots: [{ appId: 3, capMicroUsd: 5_000_000 }],
    accounts: ["Octo"],
    clock,
    ids,
    store,
    commands: COMMANDS,
    log: createLog("fatal"),
    maxAgeMs: 15 * MINUTE,
    limits: {
      classes: ["standard", "fast", "large"],
      defaultClass: "standard",
      defaultProvider: "local",
      timeoutMs: { default: 30 * MINUTE, max: 360 * MINUTE },
      ttlMs: { default: 90 * MINUTE, max: 1_440 * MINUTE },
      idleMs: { default: 10 * MINUTE, max: 60 * MINUTE },
    },
    providers: PROVIDERS,
    ...fileDeps(outside.file, { classes: ["standard", "fast", "large"], providers: PROVIDERS }),
    installationState: async () => outside.installation,
    role: async (_repository, actor) => {
      outside.calls.push(`role ${actor.login}`);
      return outside.role;
    },
    pullRequest: async (_repository, number) => {
      outside.calls.push(`pull ${number}`);
      return { ...outside.pullRequest, number };
    },
    branchTip: async (_repository, branch) => {
      outside.calls.push(`tip ${branch}`);
      return BASE_TIP;
    },
    tokenAhead: () => undefined,
    isQuiet: () => false,
    react: async (_repository, commentId, content) => {
      if (outside.failReactions) throw new Error("GitHub is down");
      outside.reactions.push(`${commentId} ${content}`);
    },
    refreshSticky: async (repositoryId, pullRequest) => {
      outside.refreshed.push(`${repositoryId}#${pullRequest}`);
    },
    forkPolicy: async (repository) => forkPolicyOf(outside.forks)(repository),
    inTeam: async (_repository, team, login) => {
      outside.calls.push(`team ${team.org}/${team.slug} ${login}`);
      return outside.inTeam();
    },
    released: (runs) => {
      outside.releasedRuns.push(...runs.map(({ id }) => id));
    },
    enqueue: async (run, ended) => (await store.runs.create(run, ended)).run,
    cancelRun: async (run, request) =>
      (await store.runs.cancel(run.id, { ...request, at: outside.now })) !== null,
    release: async (id, reason) => {
      outside.released.push({ id, reason });
      await store.leases.end(id, reason);
      return true;
    },
    ...leaseFlows(store, clock, outside.leases),
    hydration: async () => ({ kind: "none", reason: "no job is named hydrate" }),
  };

  return {
    store,
    outside,
    deps,
    comment: (body, change = {}) => ({
      guid: "guid-1",
      installationId: 70,
      repository: REPOSITORY,
      pullRequest: 5,
      comment: { id: 900, body, createdAt: outside.now },
      sender: { id: 33, login: "mona", type: "User", viaAppId: null },
      ...change,
    }),
    runs: () => store.runs.ofPullRequest(REPOSITORY.id, 5, 100),
    answers: async () =>
      (await store.answers.latest(REPOSITORY.id, 5, 100)).map(({ body }) => body).reverse(),
    async finish(run) {
      await store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
      await store.runs.change(run.id, "reporting", "done");
    },
    lease: (holder) => makeLease(store, holder, outside.now),
    async close() {
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
