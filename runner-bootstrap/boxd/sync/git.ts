/** Running git: quietly, without anybody's configuration, with the token in one process only. */

import { spawn } from "node:child_process";
import type { ChildProcess, ChildProcessByStdio } from "node:child_process";
import { createReadStream } from "node:fs";
import type { Readable, Writable } from "node:stream";

import type { ReadyShells } from "./shells.ts";
import { become } from "./shells.ts";

export type GitEnd = { readonly code: number; readonly stdout: Buffer; readonly stderr: string };

export type Git = {
  /** Runs `git ARGS` on this git directory and work tree, `input` a file to read. Never throws for git's own failures. */
  run(args: readonly string[], extra?: Readonly<Record<string, string>>, input?: string): Promise<GitEnd>;
};

export type GitPlace = {
  readonly gitDir: string;
  readonly workTree: string;
  /** An empty directory: git's HOME. */
  readonly home: string;
  readonly signal: AbortSignal;
  readonly shells: ReadyShells;
};

/** Lists of paths; a repository with more is told, not guessed at. */
const STDOUT_MAX_BYTES = 64 * 1024 * 1024;
const STDERR_MAX_BYTES = 16 * 1024;

/** Settings that come before any file's: nothing of the tree's or the box's may start a program. */
export const SAFE_CONFIG: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.untrackedCache=false",
  "core.attributesFile=/dev/null",
  "core.excludesFile=/dev/null",
  "gc.auto=0",
  "maintenance.auto=false",
  "fetch.showForcedUpdates=false",
  "fetch.writeCommitGraph=false",
  "advice.detachedHead=false",
  // What a power cut takes is fetched again: the box has another epoch then.
  "core.fsync=pack",
  "protocol.allow=never",
  "protocol.https.allow=always",
  "protocol.http.allow=always",
].flatMap((setting) => ["-c", setting]);

/** What says how the network is reached. */
const NETWORK = [
  "http_proxy",
  "https_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "no_proxy",
  "NO_PROXY",
  "all_proxy",
  "ALL_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "GIT_SSL_CAINFO",
];

/** What of boxd's own environment git gets: what leads to programs and to the network, and nothing else. */
export function gitBaseEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ["PATH", ...NETWORK].flatMap((name) =>
      process.env[name] === undefined ? [] : [[name, process.env[name]]],
    ),
  );
}

/** True when the network is reached in a way that git knows and boxd itself does not: a proxy, certificates of its own. */
export function hasNetworkSettings(): boolean {
  return NETWORK.some((name) => (process.env[name] ?? "") !== "");
}

/** git for one place. */
export function createGit(place: GitPlace): Git {
  const env: Record<string, string> = {
    HOME: place.home,
    XDG_CONFIG_HOME: place.home,
    LC_ALL: "C",
    GIT_DIR: place.gitDir,
    GIT_WORK_TREE: place.workTree,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_LFS_SKIP_SMUDGE: "1",
  };
  return {
    async run(args, extra = {}, input = "/dev/null") {
      return new Promise((resolve) => {
        const child = startGit(place, args, { ...env, ...extra }, input);
        const out: Buffer[] = [];
        let outBytes = 0;
        let stderr = "";
        let failure: string | undefined;
        child.stdout.on("data", (chunk: Buffer) => {
          outBytes += chunk.length;
          if (outBytes <= STDOUT_MAX_BYTES) out.push(chunk);
          else child.kill();
        });
        child.stderr.on("data", (chunk: Buffer) => {
          if (stderr.length < STDERR_MAX_BYTES) stderr += chunk.toString("utf8");
        });
        child.once("error", (error) => (failure = error.message));
        child.once("close", (code) =>
          resolve({
            code: failure === undefined ? (code ?? 128) : 127,
            stdout: Buffer.concat(out),
            stderr: failure ?? stderr.trim(),
          }),
        );
      });
    },
  };
}

/** By a shell that waits, when there is one. */
function startGit(
  place: GitPlace,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input: string,
): ChildProcessByStdio<Writable | null, Readable, Readable> {
  const argv = [...SAFE_CONFIG, ...args];
  const shell = place.signal.aborted ? undefined : place.shells.take();
  if (shell === undefined) {
    const child = spawn("git", argv, {
      cwd: place.workTree,
      env: { ...gitBaseEnvironment(), ...env },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
    });
    endOnAbort(child, place.signal);
    // A git that ends early does not read to the end; its exit code tells.
    child.stdin.on("error", () => undefined);
    createReadStream(input).pipe(child.stdin);
    return child;
  }
  endOnAbort(shell, place.signal);
  become(shell, ["git", ...argv], place.workTree, env, input);
  return shell;
}

/** Ends all of a process group: git alone would leave its transport waiting for the network, and hold our pipes. */
function endOnAbort(child: ChildProcess, signal: AbortSignal): void {
  const kill = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(-child.pid, "SIGTERM");
    } catch {
      // It has just ended by itself.
    }
  };
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill, { once: true });
  child.once("close", () => signal.removeEventListener("abort", kill));
}

/**
 * The environment that lets one git process use the token, for URLs of `remote`'s host only. Needs git 2.31; older
 * ones are asked by `askpass`, a script without a secret in it.
 */
export function tokenEnvironment(
  remote: string,
  token: string | undefined,
  gitVersion: string,
  askpass: string,
): Record<string, string> {
  if (token === undefined) return {};
  const [major = 0, minor = 0] = gitVersion.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 31)) return { GIT_ASKPASS: askpass, CRABBOX_SYNC_TOKEN: token };
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${new URL(remote).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${basicAuthorization(token)}`,
  };
}

/** The header's value that lets an installation token in. */
export function basicAuthorization(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString("base64")}`;
}
