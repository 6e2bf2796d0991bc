import { join } from "node:path";
import { createProviders } from "../../providers/registry.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";
import { createSystemClock } from "../clock.ts";
import { AppError } from "../errors.ts";
import { createGitHub } from "../github/client.ts";
import type { RepositoryRef } from "../github/hub.ts";
import { createOutside } from "../github/outside.ts";
import { createIds, type AttemptId, type RunId } from "../ids.ts";
import type { Log } from "../log.ts";
import { createBoxLinks } from "../runs/box-links.ts";
import { createHub } from "../runs/log-hub.ts";
import type { Settings } from "../settings.ts";
import { openBox } from "../ssh/boxd-client.ts";
import { createHostExec } from "../ssh/host-exec.ts";
import { logsPath, storePath } from "../state-dir.ts";
import type { Repository } from "../store/rows.ts";
import { createLogStore } from "../store/logs.ts";
import { openStore } from "../store/open-store.ts";
import { createKept } from "./kept.ts";

/** What touches the outside, built first; the caller holds the instance lock. */
export type Edges = Awaited<ReturnType<typeof openEdges>>;

/** Opens the edges; throws what hinders the start, told for an operator. */
export async function openEdges(settings: Settings, log: Log) {
  const { stateDir } = settings;
  const clock = createSystemClock();
  const ids = createIds();
  const store = await openStore({ path: storePath(stateDir), clock, ids, log });
  const logs = createLogStore(logsPath(stateDir));
  const github = createGitHub({
    appId: settings.appId,
    privateKey: settings.privateKey,
    apiUrl: settings.github.apiUrl,
    clock,
    log,
    pacer: settings.pacer,
  });
  const installationOf = async (accountId: number): Promise<number> => {
    const account = await store.accounts.get(accountId);
    if (account !== null && account.installationId !== null && account.removedAt === null)
      return account.installationId;
    throw new AppError(
      "github_gone",
      "The App is not installed on this account any more.",
      "Install it again.",
    );
  };
  const hosts = createHostExec({ clock });
  const providers = createProviders(settings.providers, { clock, stateDir, exec: hosts.exec });
  const programs = await bundleBoxd();
  const links = createBoxLinks({
    store,
    open: (address, learn, signal) =>
      openBox(
        {
          clock,
          programs,
          programDir: join(stateDir, "programs"),
          nodePath: process.execPath,
          learnHostKey: (_address, key) => learn(key),
        },
        address,
        signal,
      ),
  });
  return {
    clock,
    ids,
    log,
    store,
    logs,
    github,
    outside: createOutside({ outside: store.outside, clock }),
    installationOf,
    where: async (repository: Repository): Promise<RepositoryRef> => ({
      installationId: await installationOf(repository.accountId),
      owner: repository.owner,
      name: repository.name,
    }),
    providers,
    links,
    kept: createKept({ store, logs, links, clock, log }, settings),
    logHub: createHub<AttemptId>(),
    runHub: createHub<RunId>(),
    async close() {
      github.close();
      await links.closeAll();
      hosts.close();
      for (const provider of providers.values()) await provider.close();
      await logs.close();
      await store.close();
    },
  };
}
