import { chownSync, copyFileSync, chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { launchGitHub, type GitHub } from "../../demo/github/launch.ts";
import { bridgeAddress, docker, startDocker, type DockerServer } from "../servers/docker.ts";
import { makePlainUser } from "../servers/plain-user.ts";
import { startSshd } from "../servers/sshd.ts";
import { freePort } from "../servers/stage.ts";
import { startTcpProxy } from "../servers/tcp-proxy.ts";
import { until } from "../servers/until.ts";
import { makeBuildBase } from "./build-base.ts";
import { compose, type Ran } from "./compose.ts";

/** The user of the App's image. */
const APP_UID = 10_001;
const CADDY_ROOT = "/data/caddy/pki/authorities/local/root.crt";
const PROJECT = "crabbox-test-deploy";
const APP_IMAGE = "crabbox-test/app";
const CADDY_IMAGE = "crabbox-test/caddy";

export type Composition = {
  readonly github: GitHub;
  readonly publicUrl: string;
  /** An image's size as Docker counts it, its base included. */
  sizeMib(image: "app" | "caddy" | "base"): number;
  compose(...args: readonly string[]): Promise<Ran>;
  /** With something on its stdin. */
  composeWith(input: Uint8Array, ...args: readonly string[]): Promise<Ran>;
  stop(): Promise<void>;
};

/** Both images built as delivered, on the tests' base; seconds when they are built already. */
async function buildImages(server: DockerServer): Promise<Readonly<Record<string, string>>> {
  const { base, socketPath } = server;
  const env = { DOCKER_HOST: `unix://${socketPath}`, DOCKER_BUILDKIT: "0", COMPOSE_DOCKER_CLI_BUILD: "0" };
  const { image, args } = makeBuildBase(server, {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    ...env,
  });
  const built = { ...env, ...args, BUILD_BASE: image, BASE: base, CADDY_BASE: base, APP_IMAGE, CADDY_IMAGE };
  const { code, said } = await compose(["build"], { ...built, CRABBOX_HOST: "localhost" });
  if (code !== 0) throw new Error(`the images could not be built:\n${said.slice(-4000)}`);
  return built;
}

/** The composition as delivered, without an App yet; a host for boxes; an offline GitHub that believes Caddy's own authority. */
export async function startComposition(): Promise<Composition> {
  const server = await startDocker();
  const dir = mkdtempSync(join(tmpdir(), "crabbox-deploy-"));
  const ask = (...args: readonly string[]) => docker(server.socketPath, args) ?? "";
  const here = bridgeAddress(server.socketPath);
  const user = makePlainUser();
  const sshd = await startSshd();
  const login = await startTcpProxy({ port: sshd.port, listenHost: here });
  const [http, https, githubPort] = [await freePort(), await freePort(), await freePort()];
  const publicUrl = `https://localhost:${https}`;
  const githubUrl = `http://${here}:${githubPort}`;

  const config = join(dir, "config");
  mkdirSync(config, { mode: 0o755 });
  const host = { name: "lab", host: here, port: login.port, user: user.name, hostKey: sshd.hostKey };
  const settings = {
    accounts: ["olga"],
    stateDir: "/var/lib/crabbox-app/state",
    publicUrl,
    listen: { host: "0.0.0.0", port: 3000, trustedProxies: ["uniquelocal"] },
    github: { apiUrl: `${githubUrl}/api/v3`, webUrl: githubUrl },
    defaults: { provider: "fleet" },
    providers: [
      { kind: "static-ssh", name: "fleet", hosts: [{ ...host, keyFile: "/etc/crabbox-app/id_ed25519" }] },
    ],
  };
  writeFileSync(join(config, "crabbox-app.yml"), stringify(settings));
  const key = join(config, "id_ed25519");
  copyFileSync(sshd.keyFile, key);
  chmodSync(key, 0o600);
  chownSync(key, APP_UID, APP_UID);

  const env = {
    ...(await buildImages(server)),
    COMPOSE_PROJECT_NAME: PROJECT,
    CRABBOX_HOST: "localhost",
    CRABBOX_TLS: "internal",
    CRABBOX_HTTP: String(http),
    CRABBOX_HTTPS: String(https),
    CRABBOX_CONFIG_DIR: config,
  };
  const run = (...args: readonly string[]) => compose(args, env);
  await run("down", "--volumes", "--remove-orphans");
  const up = await run("up", "-d");
  if (up.code !== 0) throw new Error(up.said);
  const root = await until(
    async () => (await run("exec", "-T", "caddy", "cat", CADDY_ROOT)).out || null,
    "Caddy's own authority",
  );
  const rootFile = join(dir, "caddy-root.crt");
  writeFileSync(rootFile, root);
  const github = await launchTrusting(rootFile, {
    stateDir: join(dir, "github"),
    host: here,
    port: githubPort,
  });

  return {
    github,
    publicUrl,
    sizeMib(image) {
      const name = { app: APP_IMAGE, caddy: CADDY_IMAGE, base: server.base }[image];
      return Math.round(Number(ask("image", "inspect", "-f", "{{.Size}}", name)) / (1024 * 1024));
    },
    compose: run,
    composeWith: (input, ...args) => compose(args, env, input),
    async stop() {
      await run("down", "--volumes", "--remove-orphans");
      await github.stop();
      await login.stop();
      await sshd.stop();
      user.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Webhooks go out only to a server whose certificate is good, as GitHub's do. */
async function launchTrusting(
  rootFile: string,
  options: { stateDir: string; host: string; port: number },
): Promise<GitHub> {
  const name = "NODE_EXTRA_CA_CERTS";
  const before = process.env[name];
  process.env[name] = rootFile;
  try {
    return await launchGitHub({ ...options, webhookUrl: "http://127.0.0.1:9/none" });
  } finally {
    if (before === undefined) delete process.env[name];
    else process.env[name] = before;
  }
}
