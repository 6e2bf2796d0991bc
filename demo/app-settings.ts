import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { GitHub } from "./github/launch.ts";
import { ADMIN } from "./pull-request.ts";
import type { DockerHost } from "./docker-host.ts";
import type { KnownHost } from "./ssh-host.ts";
import type { State } from "./state.ts";

/** The names that the settings file gives the providers; local boxes lie below the App's state under theirs. */
const LOCAL = "local";
const STATIC_SSH = "static-ssh";
/** bubblewrap makes its namespaces in milliseconds, or never. */
const PROBE_TIMEOUT_MS = 10_000;

export type AppSettingsRequest = {
  readonly state: State;
  readonly github: GitHub;
  readonly port: number;
  readonly account: string;
  /** Of every set-up step and command. */
  readonly env: Readonly<Record<string, string>>;
  /** Null: local boxes. */
  readonly ssh: KnownHost | null;
  /** Null: no containers. */
  readonly docker: DockerHost | null;
  /** One run at a time, so that a queue can be seen. */
  readonly oneAtATime: boolean;
};

/** Writes the App's settings file and key; answers the environment that makes the App use them. Safe to repeat. */
export function writeAppSettings(request: AppSettingsRequest): Record<string, string> {
  const { state, github, port, ssh, docker } = request;
  const provider = docker !== null ? containers(docker, github.url) : ssh === null ? local() : staticSsh(ssh);
  mkdirSync(state.appDir, { recursive: true, mode: 0o700 });
  const keyFile = join(state.appDir, "app-key.pem");
  writeFileSync(keyFile, github.privateKeyPem, { mode: 0o600 });
  chmodSync(keyFile, 0o600);
  const file = join(state.appDir, "crabbox-app.yml");
  const settings = {
    accounts: [request.account],
    admins: [ADMIN],
    stateDir: state.appDir,
    publicUrl: `http://127.0.0.1:${port}`,
    listen: { host: "127.0.0.1", port },
    github: { apiUrl: github.apiUrl, webUrl: github.url },
    defaults: { provider: provider.name },
    env: request.env,
    ...(request.oneAtATime ? { limits: { concurrency: 1 } } : {}),
    providers: [provider],
  };
  writeFileSync(file, `# Made by the demo at each start.\n${stringify(settings)}`, { mode: 0o600 });
  return {
    APP_ID: String(github.appId),
    PRIVATE_KEY_PATH: keyFile,
    WEBHOOK_SECRET: github.webhookSecret,
    CLIENT_ID: github.clientId,
    CLIENT_SECRET: github.clientSecret,
    CRABBOX_CONFIG: file,
  };
}

/** Where local boxes lie. */
export function localBoxesDir(state: State): string {
  return join(state.appDir, LOCAL);
}

/** Whether bubblewrap can keep commands apart from this machine. */
export function hasBubblewrap(): boolean {
  const args = [
    "--die-with-parent",
    "--unshare-pid",
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "true",
  ];
  return spawnSync("bwrap", args, { stdio: "ignore", timeout: PROBE_TIMEOUT_MS }).status === 0;
}

type Named = { readonly name: string; readonly kind: string; readonly [key: string]: unknown };

/** Containers reach the offline GitHub, at the one address and port it listens on, and nothing else of this machine. */
function containers({ provider, socketPath, base }: DockerHost, githubUrl: string): Named {
  const reach = [new URL(githubUrl).host];
  return { kind: "docker", name: provider, socketPath, reach, image: { base: base.name } };
}

/** A demo may do without bubblewrap, and may end with the container it was started in: nothing of value is lost. */
function local(): Named {
  return { kind: "local", name: LOCAL, unsafe: !hasBubblewrap(), inContainer: "allow" };
}

function staticSsh({ host, port, user, keyFile, hostKey, hasBubblewrap }: KnownHost): Named {
  const one = { name: "demo", host, port, user, hostKey, keyFile, slots: 1 };
  return {
    kind: "static-ssh",
    name: STATIC_SSH,
    hosts: [one],
    separation: hasBubblewrap ? "bwrap" : "none",
  };
}
