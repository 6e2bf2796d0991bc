import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { createApp } from "./acts/apps.ts";
import { registerRoot } from "./acts/repositories.ts";
import { createContracts } from "./api/contracts.ts";
import { createRateLimiter } from "./api/limits.ts";
import { controlKey } from "./control/serve.ts";
import { createApiFaults } from "./faults.ts";
import { createGitStore } from "./git/repositories.ts";
import { createHooks } from "./hooks/send.ts";
import { createJournal } from "./journal.ts";
import { createManifests } from "./manifests.ts";
import { createGitHubServer } from "./server.ts";
import { DEFAULT_SETTINGS, changeSettings } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { openStore } from "./store/store.ts";
import { openTables } from "./store/tables.ts";
import type { World } from "./world.ts";

export type StartOptions = {
  stateDir: string;
  host: string;
  port: number;
  githubRoot: string | null;
  /** How others reach this GitHub, when that is not the listening address. */
  publicUrl: string | null;
  appName: string;
  webhookUrl: string | null;
  webhookSecret: string | null;
};

export type Ready = { url: string; apiUrl: string; controlUrl: string; appId: number; stateDir: string };

/** Opens the state folder, listens, and goes on where an earlier process stopped. */
export async function startGitHub(
  options: StartOptions,
): Promise<{ ready: Ready; stop: () => Promise<void> }> {
  const stateDir = resolve(options.stateDir);
  await mkdir(join(stateDir, "repos"), { recursive: true });
  const secret = await secretOf(join(stateDir, "secret"));
  const store = openStore(join(stateDir, "github.sqlite"));
  const tables = openTables(store);
  const kept = store.table<{ id: string; settings: Settings }>("settings");
  let settings = changeSettings(DEFAULT_SETTINGS, kept.get("settings")?.settings ?? {});
  let origin = options.publicUrl ?? "";
  const world: World = {
    tables,
    store,
    secret,
    appId: 0,
    githubRoot: options.githubRoot,
    git: createGitStore(stateDir),
    contracts: createContracts(),
    hooks: createHooks({ tables, store, settings: () => settings }),
    faults: createApiFaults(),
    limiter: createRateLimiter(),
    journal: createJournal(tables, (line) => process.stderr.write(`${line}\n`)),
    manifests: createManifests(),
    origin: () => origin,
    settings: () => settings,
    setSettings: (next) => {
      settings = next;
      kept.put({ id: "settings", settings });
    },
  };
  world.appId = firstApp(world, options);
  if (options.githubRoot !== null) await registerRoot(world, resolve(options.githubRoot));

  const server = createGitHubServer(world);
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(options.port, options.host, done);
  });
  const { port } = server.address() as AddressInfo;
  const here = `http://${options.host === "0.0.0.0" ? "127.0.0.1" : options.host}:${port}`;
  if (origin === "") origin = options.host === "0.0.0.0" ? `http://0.0.0.0:${port}` : here;
  world.hooks.resume();
  const controlUrl = `${here}/_control/${controlKey(secret)}`;
  return {
    ready: { url: origin, apiUrl: `${origin}/api/v3`, controlUrl, appId: world.appId, stateDir },
    stop: async () => {
      world.hooks.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      store.close();
    },
  };
}

/** The one App that tests and the demo use, made at the first start. */
function firstApp(world: World, options: StartOptions): number {
  const known = world.tables.apps.all().next().value;
  if (known === undefined) {
    const secret = options.webhookSecret === null ? {} : { webhookSecret: options.webhookSecret };
    return createApp(world, {
      name: options.appName,
      owner: "crabbox-demo",
      webhookUrl: options.webhookUrl,
      ...secret,
    }).id;
  }
  known.webhookUrl = options.webhookUrl ?? known.webhookUrl;
  known.webhookSecret = options.webhookSecret ?? known.webhookSecret;
  return world.tables.apps.put(known).id;
}

async function secretOf(file: string): Promise<string> {
  const known = await readFile(file, "utf8").catch(() => null);
  if (known !== null) return known;
  const secret = randomBytes(32).toString("hex");
  await writeFile(file, secret, { mode: 0o600 });
  await chmod(file, 0o600);
  return secret;
}
