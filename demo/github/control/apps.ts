import { accountByLogin, ensureAccount, install, suspend, uninstall, userToken } from "../acts/accounts.ts";
import { createApp } from "../acts/apps.ts";
import { emitPing } from "../hooks/emit.ts";
import { appById } from "../shapes/account.ts";
import type { World } from "../world.ts";
import type { ControlHandlers } from "./contract.ts";
import { installationById, repoByName } from "./find.ts";

type Names =
  | "info"
  | "updateApp"
  | "createApp"
  | "createAccount"
  | "createUserToken"
  | "install"
  | "suspendInstallation"
  | "removeInstallation"
  | "listInstallations"
  | "expireTokens";

/** Apps, people, installations, tokens. */
export function appHandlers(world: World): ControlHandlers<Names> {
  const { tables } = world;
  return {
    info: () => {
      const app = appById(world, world.appId);
      const { id, slug, webhookSecret, privateKeyPem, clientId, clientSecret } = app;
      return { appId: id, appSlug: slug, webhookSecret, privateKeyPem, clientId, clientSecret };
    },
    updateApp: (input) => {
      const app = Object.assign(appById(world, world.appId), input);
      tables.apps.put(app);
      if (typeof input.webhookUrl === "string") emitPing(world, app);
      return app;
    },
    createApp: (input) => createApp(world, input),
    createAccount: ({ login, type, owners }) => {
      const account = ensureAccount(world, login, type ?? "User");
      if (owners !== undefined) account.ownerIds = owners.map((owner) => ensureAccount(world, owner).id);
      return tables.accounts.put(account);
    },
    createUserToken: ({ login }) => ({ token: userToken(world, accountByLogin(world, login)) }),
    install: ({ owner, repos, appId, permissions }) => {
      const account = accountByLogin(world, owner);
      const ids = repos?.map((repo) => repoByName(world, repo).id) ?? null;
      return install(world, appById(world, appId ?? world.appId), account, ids, permissions);
    },
    suspendInstallation: ({ installationId, suspended }) => {
      return suspend(world, installationById(world, installationId), suspended);
    },
    removeInstallation: ({ installationId }) => {
      uninstall(world, installationById(world, installationId));
      return {};
    },
    listInstallations: () => [...tables.installations.all()],
    expireTokens: ({ installationId }) => {
      const ended = [...tables.tokens.all()].filter((token) => {
        return (
          token.installationId !== null && (installationId ?? token.installationId) === token.installationId
        );
      });
      for (const token of ended) tables.tokens.put({ ...token, expiresAt: 0 });
      return { expired: ended.length };
    },
  };
}
