import { act, type ActDeps } from "../commands/act.ts";
import { press, type PressDeps } from "../commands/press.ts";
import { whoIs } from "../github/log-in.ts";
import { keepForMs } from "../leases/keep.ts";
import { createAccess } from "../login/access.ts";
import type { SiteDeps } from "../pages/site/deps.ts";
import { createSiteRenderer } from "../render/site.ts";
import type { Settings } from "../settings.ts";
import { stateKey } from "../state-dir.ts";
import type { Repository } from "../store/rows.ts";
import type { Edges } from "./edges.ts";
import { defaultOptions } from "./reports.ts";

/** A run's artifacts, for the pages that list them. */
export function servedArtifacts({ kept: { artifacts, artifactLinks } }: Edges): SiteDeps["artifacts"] {
  return { get: artifacts.get, ofRun: artifacts.ofRun, url: artifactLinks.url };
}

/** Log-in and the pages behind it; null when the App was given no client id and secret. */
export function siteDeps(
  edges: Edges,
  settings: Settings,
  acting: ActDeps & PressDeps,
  wakeIntake: () => void,
): SiteDeps | null {
  const { login, publicUrl } = settings;
  if (login === null) return null;
  const { clock, ids, log, store, logs, github, where } = edges;
  const { apiUrl, webUrl } = settings.github;
  const installationOf = async ({ accountId }: Repository) => edges.installationOf(accountId);
  return {
    store,
    logs,
    log,
    clock,
    ids,
    publicUrl,
    webUrl,
    wakeIntake,
    artifacts: servedArtifacts(edges),
    onLog: edges.logHub.subscribe,
    onRun: edges.runHub.subscribe,
    render: createSiteRenderer(),
    accounts: settings.accounts,
    admins: settings.admins,
    defaults: defaultOptions(settings),
    keepMs: keepForMs(settings.limits.ttl),
    access: createAccess({ clock, where, role: github.permissions.role }),
    login: {
      clock,
      ids,
      publicUrl,
      webUrl,
      sessions: store.sessions,
      key: stateKey(settings.stateDir, "login.key"),
      clientId: login.clientId,
      whoIs: (grant) => whoIs({ ...login, webUrl, apiUrl }, grant),
    },
    press: async (wanted) =>
      press(acting, { ...wanted, installationId: await installationOf(wanted.repository) }),
    act: async (wanted) =>
      act(acting, { ...wanted, installationId: await installationOf(wanted.repository) }),
  };
}
