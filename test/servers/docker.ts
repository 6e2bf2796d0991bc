import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "./until.ts";

export type DockerServer = {
  readonly socketPath: string;
  /** An image that boxes can be made of: Debian with Node. */
  readonly base: string;
};

/** Where a daemon of ours keeps its images between test runs. */
const DIR = join(tmpdir(), "crabbox-test-docker");
const OURS = join(DIR, "docker.sock");
const USUAL = "/var/run/docker.sock";
const BASE = `crabbox-test/base:bookworm-node${process.versions.node}`;
const SUITE = "bookworm";
const START_WITHIN_MS = 3 * 60_000;
/** A mirror over a slow line: 60 MB of packages. */
const DEBOOTSTRAP_TIMEOUT_MS = 10 * 60_000;
const IMPORT_TIMEOUT_MS = 5 * 60_000;
const LOCK = join(DIR, "lock");
const LOCK_WITHIN_MS = DEBOOTSTRAP_TIMEOUT_MS + IMPORT_TIMEOUT_MS;
/** A file for each test process that uses the daemon. */
const USERS = join(DIR, "users");
const END_WITHIN_MS = 30_000;

/**
 * Why there can be no Docker tests here; null when there can. They need root: a daemon, firewall rules, and for the
 * base image debootstrap.
 */
export function dockerMissing(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "needs root on Linux";
  const tools = ["docker", "dockerd", "debootstrap", "iptables"].filter(
    (tool) => spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0,
  );
  return tools.length === 0 ? null : `needs ${tools.join(", ")}`;
}

/**
 * A real Docker daemon: the machine's own when one answers, else one of ours, started once and left running with its
 * images for the next test run; and a base image, made by debootstrap when it is missing. Safe at once.
 */
export async function startDocker(): Promise<DockerServer> {
  mkdirSync(USERS, { recursive: true, mode: 0o700 });
  writeFileSync(join(USERS, String(process.pid)), birthOf(String(process.pid)) ?? "");
  return locked(async () => {
    const socketPath = answers(USUAL) ? USUAL : OURS;
    if (!answers(socketPath)) await startDaemon();
    if (docker(socketPath, ["image", "inspect", BASE]) === null) makeBase(socketPath);
    return { socketPath, base: BASE };
  });
}

/** Ends a daemon of ours that no living test process uses; its images stay for the next run. Safe to repeat. */
export async function endIdleDocker(): Promise<void> {
  rmSync(join(USERS, String(process.pid)), { force: true });
  if (!existsSync(USERS)) return;
  await locked(async () => {
    for (const pid of readdirSync(USERS)) {
      if (readFileSync(join(USERS, pid), "utf8") === birthOf(pid)) return;
      rmSync(join(USERS, pid), { force: true });
    }
    const file = join(DIR, "pid");
    if (!existsSync(file)) return;
    const pid = readFileSync(file, "utf8").trim();
    if (existsSync(`/proc/${pid}`)) process.kill(Number(pid), "SIGTERM");
    await until(() => !existsSync(`/proc/${pid}`), "the end of dockerd", END_WITHIN_MS);
  });
}

/** Runs the docker client; null when it failed. */
export function docker(socketPath: string, args: readonly string[]): string | null {
  const ran = spawnSync("docker", ["-H", `unix://${socketPath}`, ...args], {
    encoding: "utf8",
    timeout: 60_000,
  });
  return ran.status === 0 ? ran.stdout : null;
}

/** This machine's address on the daemon's default bridge: boxes are on others, and reach it only where they may. */
export function bridgeAddress(socketPath: string): string {
  const format = "{{(index .IPAM.Config 0).Gateway}} {{(index .IPAM.Config 0).Subnet}}";
  const found = docker(socketPath, ["network", "inspect", "bridge", "--format", format])?.trim() ?? "";
  // A daemon that has just made its bridge does not tell the gateway before its next start: it is the subnet's first.
  const [, gateway, network] = /^([\d.]*) ?([\d.]+)\.0\/\d+$/u.exec(found) ?? [];
  const address = gateway || (network === undefined ? "" : `${network}.1`);
  if (address === "") throw new Error(`the Docker daemon has no default bridge: ${found}`);
  return address;
}

function answers(socketPath: string): boolean {
  return existsSync(socketPath) && docker(socketPath, ["version"]) !== null;
}

async function startDaemon(): Promise<void> {
  const log = openSync(join(DIR, "log"), "a");
  const args = [
    `--data-root=${join(DIR, "data")}`,
    `--exec-root=${join(DIR, "exec")}`,
    `--pidfile=${join(DIR, "pid")}`,
    `--host=unix://${OURS}`,
  ];
  let ended = true;
  // One that gave up (its containerd too slow, the earlier daemon not quite gone) is started again, as systemd would.
  const tryAgain = () => {
    if (!ended) return answers(OURS);
    ended = false;
    const child = spawn("dockerd", args, { detached: true, stdio: ["ignore", log, log] });
    child.once("exit", () => (ended = true)).unref();
    return false;
  };
  await until(tryAgain, `dockerd, whose log is ${join(DIR, "log")}`, START_WITHIN_MS);
}

/** No image can be pulled where the tests run: a Debian from its own mirror, with the tests' own Node. */
function makeBase(socketPath: string): void {
  const root = mkdtempSync(join(tmpdir(), "crabbox-base-"));
  // Becomes the root directory of the image, which everybody must be able to read.
  chmodSync(root, 0o755);
  try {
    execFileSync("debootstrap", ["--variant=minbase", "--include=ca-certificates", SUITE, root], {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: DEBOOTSTRAP_TIMEOUT_MS,
    });
    cpSync(process.execPath, join(root, "usr/local/bin/node"));
    rmSync(join(root, "var/cache/apt/archives"), { recursive: true, force: true });
    const script = 'tar -C "$1" -c . | docker -H "unix://$2" import - "$3"';
    execFileSync("bash", ["-o", "pipefail", "-c", script, "bash", root, socketPath, BASE], {
      stdio: ["ignore", "ignore", "inherit"],
      timeout: IMPORT_TIMEOUT_MS,
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** One test process at a time starts and ends daemons and makes images; a lock whose holder died is nobody's. */
async function locked<T>(work: () => Promise<T>): Promise<T> {
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  const take = () => {
    try {
      linkSync(mine, LOCK);
      return true;
    } catch {
      const holder = holderOf();
      if (holder !== null && !existsSync(`/proc/${holder}`)) rmSync(LOCK, { force: true });
      return false;
    }
  };
  await until(take, "the lock of the Docker tests", LOCK_WITHIN_MS);
  rmSync(mine);
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** When a process began: its number alone is given to others, threads included. Null when there is none. */
function birthOf(pid: string): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    // Gone.
    return null;
  }
}

function holderOf(): string | null {
  try {
    return readFileSync(LOCK, "utf8");
  } catch {
    // Let go of meanwhile.
    return null;
  }
}
