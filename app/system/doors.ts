import { BOX_CLASSES } from "../../providers/provider.ts";
import { listenAdmin } from "../api/admin.ts";
import { mergeCommit } from "../auto/merge-commit.ts";
import type { CommandLimits } from "../commands/command.ts";
import { COMMANDS } from "../commands/table.ts";
import { createAccountFilter } from "../intake/account-filter.ts";
import { createLookedUntil } from "../intake/looked-until.ts";
import { createReceiver } from "../intake/receiver.ts";
import { createRedeliver } from "../intake/redeliver.ts";
import { createIntakeWorker } from "../intake/worker.ts";
import { listenOn } from "../listen.ts";
import { rootOf } from "../login/return-to.ts";
import { createMetrics } from "../metrics.ts";
import { microUsd } from "../money.ts";
import { createServer } from "../server.ts";
import type { Settings } from "../settings.ts";
import { isWanted, registerHandlers, type WebhookDeps } from "../webhooks/register.ts";
import { contentDoor } from "./content.ts";
import type { Edges } from "./edges.ts";
import type { Flows } from "./flows.ts";
import type { RepoFiles } from "./repo-files.ts";
import type { Reports } from "./reports.ts";
import { servedArtifacts, siteDeps } from "./site.ts";

/** Handlers under way at a drain get this long; the rest is done after the restart. */
const DRAIN_HANDLERS_MS = 3_000;

/** Where the outside comes in: opened last, closed first. */
export async function openDoors(
  edges: Edges,
  reports: Reports,
  files: RepoFiles,
  flows: Flows,
  settings: Settings,
) {
  const { clock, log, store, github } = edges;
  let draining = false;
  const acting: WebhookDeps = {
    ...webhookDeps(edges, reports, files, flows, settings),
    isQuiet: () => intake.held() <= 1,
  };
  const receive = await createReceiver({
    appId: settings.appId,
    privateKey: settings.privateKey,
    webhookSecret: settings.webhookSecret,
    apiUrl: settings.github.apiUrl,
    log,
    registerHandlers: (probot) => registerHandlers(probot, acting),
  });
  const intake = createIntakeWorker({ deliveries: store.deliveries, receive, clock, log });
  const isOurs = createAccountFilter(settings.accounts, log);
  const redeliver = createRedeliver({
    log,
    clock,
    github: github.deliveries,
    deliveries: store.deliveries,
    isOurs,
    isWanted,
    onStored: intake.wake,
    lookedUntil: createLookedUntil(store.outside),
  });
  const metrics = createMetrics({
    store,
    activeRuns: flows.worker.active,
    pacerDepth: github.queueDepth,
    github: github.standing,
  });
  const content = await contentDoor(edges, settings);
  const server = await createServer({
    log,
    trustedProxies: settings.listen.trustedProxies,
    intake: {
      deliveries: store.deliveries,
      webhookSecret: settings.webhookSecret,
      isOurs,
      isWanted,
      onStored: intake.wake,
      isDraining: () => draining,
      clock,
      log,
    },
    pages: {
      store,
      logs: edges.logs,
      artifacts: servedArtifacts(edges),
      onLog: edges.logHub.subscribe,
      onRun: edges.runHub.subscribe,
      render: reports.render,
      clock,
      webUrl: settings.github.webUrl,
      runPage: settings.login === null ? null : ({ id }) => `${rootOf(settings.publicUrl)}/runs/${id}`,
    },
    site: siteDeps(edges, settings, acting, intake.wake),
    content: content.onPages,
    render: reports.render,
    health: { store, github: github.standing, metrics, draining: () => draining },
  });
  const admin = await listenAdmin(settings.stateDir, { store, wakeIntake: intake.wake });
  intake.start();
  const url = await listenOn(server, settings.listen);
  await content.listen();
  // Only now: what GitHub could not deliver until this moment is seen by the first look.
  redeliver.start();
  return {
    url,
    async close() {
      draining = true;
      redeliver.stop();
      await Promise.all([server.close(), content.close(), admin.close(), intake.stop(DRAIN_HANDLERS_MS)]);
    },
  };
}

function webhookDeps(
  edges: Edges,
  reports: Reports,
  files: RepoFiles,
  flows: Flows,
  settings: Settings,
): Omit<WebhookDeps, "isQuiet"> {
  const { clock, ids, log, store, github, providers } = edges;
  return {
    appId: settings.appId,
    accounts: settings.accounts,
    bots: settings.bots.map(({ appId, monthlyUsd }) => ({ appId, capMicroUsd: microUsd(monthlyUsd) })),
    clock,
    ids,
    log,
    store,
    providers,
    commands: COMMANDS,
    hydration: flows.hydration,
    ...files,
    changes: github.changes,
    mergeCommit: async (repository, pull) =>
      mergeCommit(
        { clock, changes: github.changes, branchTip: github.pulls.branchTip },
        await edges.where(repository),
        pull,
      ),
    autoRuns: settings.repoConfig.autoRuns,
    inTeam: flows.inTeam,
    released: flows.released,
    limits: commandLimits(edges, settings),
    maxAgeMs: settings.limits.commandAge,
    tokenAhead: flows.tokenAhead,
    installationState: github.app.installationState,
    role: github.permissions.role,
    pullRequest: github.pulls.get,
    branchTip: github.pulls.branchTip,
    react: (repository, commentId, content) =>
      github.reactions.create(repository, commentId, content, { priority: "reaction" }),
    refreshSticky: async (repositoryId, pullRequest) => reports.touchSticky(repositoryId, pullRequest),
    enqueue: flows.enqueue,
    cancelRun: flows.cancelRun,
    release: flows.release,
    warmUp: flows.warmUp,
    extendLease: flows.extendLease,
    keepLease: flows.keepLease,
  };
}

function commandLimits(edges: Edges, settings: Settings): CommandLimits {
  const { timeout, ttl, idle } = settings.defaults;
  const providers = [...edges.providers.values()];
  return {
    classes: BOX_CLASSES.filter((one) => providers.some((provider) => provider.types(one).length > 0)),
    defaultClass: settings.defaults.class,
    defaultProvider: settings.defaults.provider,
    timeoutMs: { default: timeout, max: settings.limits.timeout },
    ttlMs: { default: ttl, max: settings.limits.ttl },
    idleMs: { default: idle, max: settings.limits.ttl },
  };
}
