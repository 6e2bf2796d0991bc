import type { Actor, AskedBy } from "../commands/command.ts";
import { capsOf } from "../costs/caps.ts";
import { admitUntrusted } from "../forks/admit.ts";
import type { Team } from "../forks/policy.ts";
import type { LeaseId } from "../ids.ts";
import { acquire } from "../leases/acquire.ts";
import { extendLease, type Extension } from "../leases/extend.ts";
import { keepLease, type Keeping } from "../leases/keep.ts";
import { warmUp, type WarmUp } from "../leases/warm-up.ts";
import { startWarmer } from "../leases/warmer.ts";
import { microUsd } from "../money.ts";
import { heldFor, type LeaseEndReason } from "../leases/lease.ts";
import { release } from "../leases/release.ts";
import { startReconciler } from "../reconcile/reconciler.ts";
import { startRetention } from "../reconcile/retention.ts";
import { cancelRun, enqueue, released } from "../runs/enqueue.ts";
import { catchUp } from "../runs/catch-up.ts";
import { executeTask } from "../runs/execute.ts";
import { workRun } from "../runs/pipeline.ts";
import type { PipelineDeps } from "../runs/pipeline-deps.ts";
import { sweepBox } from "../runs/sweep.ts";
import { createSyncTokens } from "../runs/sync-tokens.ts";
import { startWorker, type Worker } from "../runs/worker.ts";
import type { Settings } from "../settings.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { EndedRun } from "../store/runs.ts";
import type { Edges } from "./edges.ts";
import type { RepoFiles } from "./repo-files.ts";
import type { Reports } from "./reports.ts";
import { createSetUp } from "./set-up.ts";

/** What works by itself once started: runs, leases, what reconciles them. */
export type Flows = ReturnType<typeof startFlows>;

/** Starts the flows over open edges; what was under way before goes on. */
export function startFlows(edges: Edges, reports: Reports, files: RepoFiles, settings: Settings) {
  const { clock, ids, log, store, logs, github, providers, links, logHub, runHub, kept } = edges;
  const { reporter } = reports;
  const draining = new AbortController();
  const releaseDeps = { store, providers, clock, log, dropLink: links.drop, drain: draining.signal };
  const releaseLease = async (id: LeaseId, reason: LeaseEndReason): Promise<boolean> => {
    warmer.letGo(id);
    const ended = await release(releaseDeps, id, reason);
    // Somebody may have waited for the place, and the comment of its pull request names the box.
    if (reason !== "no_capacity") await store.runs.capacityFreed();
    worker.wake();
    const holder = (await store.leases.get(id))?.holder;
    const pull = holder === undefined ? null : heldFor(holder);
    if (pull !== null) reports.touchSticky(pull.repositoryId, pull.pullRequest);
    if (ended) await reports.boxGone(id);
    return ended;
  };
  const tokens = createSyncTokens({
    mint: async ({ id, accountId }) =>
      (await github.tokens.mintContentsRead(await edges.installationOf(accountId), id)).token,
    revoke: (token) => github.tokens.revoke(token),
    log,
  });
  const { hydration, open: archive, steps } = createSetUp(edges, settings, tokens);
  const forks = {
    store,
    forkPolicy: files.forkPolicy,
    pullRequest: async (repository: Repository, number: number) =>
      github.pulls.get(await edges.where(repository), number),
    role: async (repository: Repository, actor: { readonly login: string; readonly id: number }) =>
      github.permissions.role(await edges.where(repository), actor),
    inTeam: async (repository: Repository, team: Team, login: string) =>
      github.teams.isMember(await edges.where(repository), team, login),
  };
  const { monthlyUsd } = settings.caps;
  const accountCap = monthlyUsd === null ? null : microUsd(monthlyUsd);
  const acquireDeps = {
    store,
    providers,
    clock,
    ids,
    limits: settings.limits,
    caps: ({ actor, options }: Run) =>
      capsOf(
        {
          actor,
          ...(options.actorCapMicroUsd === undefined ? {} : { capMicroUsd: options.actorCapMicroUsd }),
        },
        accountCap,
        clock.now(),
      ),
    defaultProvider: settings.defaults.provider,
    release: async (id: LeaseId, reason: LeaseEndReason) => {
      await releaseLease(id, reason);
    },
  };
  const executeDeps = {
    store,
    logs,
    links,
    clock,
    log,
    logHub,
    runHub,
    archive,
    traffic: kept.traffic,
    notice: reporter.notice,
    syncDone: tokens.used,
  };
  const touch = (id: `run_${string}`) => {
    runHub.publish(id);
    reporter.touch(id);
  };
  const pipeline: PipelineDeps = {
    store,
    providers,
    clock,
    ids,
    log,
    hydration,
    offerCaches: kept.caches.offer,
    admitUntrusted: (run, repository) => admitUntrusted(forks, run, repository),
    acquire: (run, repository, signal) => acquire(acquireDeps, run, repository, signal),
    release: releaseLease,
    syncToken: tokens.take,
    ...steps,
    catchUp: (attempt) => catchUp({ store, logs }, attempt),
    execute: (input, signals) => executeTask(executeDeps, input, signals),
    sweep: (attempt) => sweepBox({ store, logs, links, log }, attempt),
    report: { touch, final: reporter.final },
    settings: {
      accounts: settings.accounts,
      webUrl: settings.github.webUrl,
      env: settings.env,
      logCapBytes: settings.logs.cap,
      queueWaitMs: settings.limits.queueWait,
      artifacts: settings.artifacts,
    },
  };
  const worker: Worker = startWorker({
    store,
    clock,
    log,
    limits: settings.limits,
    work: (run, signals, onReporting) => workRun(pipeline, run, signals, onReporting),
  });
  const enqueueDeps = { store, links: reports.linker, worker: () => worker, report: { touch }, clock };
  const warmer = startWarmer({
    store,
    providers,
    clock,
    log,
    release: releaseLease,
    prepare: async (box, signal) => (await links.get(box, signal)).prepare(),
    touchSticky: reports.touchSticky,
  });
  const by = ({ login, capMicroUsd }: Actor) => ({
    member: login,
    caps: capsOf(
      { actor: login, ...(capMicroUsd === undefined ? {} : { capMicroUsd }) },
      accountCap,
      clock.now(),
    ),
  });
  const reconciler = startReconciler({ store, providers, clock, log, release: releaseLease });
  const retention = startRetention({
    store,
    logs,
    clock,
    log,
    keepMs: settings.logs.keep,
    sweepCaches: kept.caches.sweep,
    sweepArtifacts: kept.artifacts.sweep,
    cancelRun: (run, request) => cancelRun(enqueueDeps, run, request),
  });
  return {
    worker,
    hydration,
    release: releaseLease,
    tokenAhead: tokens.ahead,
    inTeam: forks.inTeam,
    released: (runs: readonly Run[]) => released(enqueueDeps, runs),
    enqueue: (run: Parameters<typeof enqueue>[1], ended?: EndedRun) => enqueue(enqueueDeps, run, ended),
    cancelRun: (run: Parameters<typeof cancelRun>[1], request: Parameters<typeof cancelRun>[2]) =>
      cancelRun(enqueueDeps, run, request),
    warmUp: ({ actor, ...wanted }: AskedBy<WarmUp>) =>
      warmUp({ ...acquireDeps, wake: warmer.wake }, { ...wanted, ...by(actor) }),
    extendLease: ({ actor, ...wanted }: AskedBy<Extension>) =>
      extendLease(acquireDeps, { ...wanted, ...by(actor) }),
    keepLease: ({ actor, ...wanted }: AskedBy<Keeping>) =>
      keepLease(acquireDeps, { ...wanted, ...by(actor) }),
    async stop() {
      draining.abort();
      await Promise.all([worker.drain(), warmer.stop(), reconciler.stop(), retention.stop()]);
      await tokens.close();
    },
  };
}
