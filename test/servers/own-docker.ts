import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { docker } from "./docker.ts";
import { killAllOf } from "./processes.ts";
import { until } from "./until.ts";

export type OwnDocker = {
  readonly socketPath: string;
  /** Of this machine, and no other test's: where boxes find the offline GitHub. */
  readonly address: string;
  /** The docker client's answer; null when it failed. */
  docker(...args: readonly string[]): string | null;
  start(): Promise<void>;
  /** SIGKILL to dockerd and containerd at once; containers and their shims live on, as they do on any machine. */
  kill(): Promise<void>;
  stop(): Promise<void>;
};

const WITHIN_MS = 3 * 60_000;
const COPY_WITHIN_MS = 5 * 60_000;
const NETWORK_ARGS = ["--iptables=false", "--ip-masq=false"];

/**
 * A Docker daemon that a test may kill: its own data, no firewall rules (other daemons of this machine keep theirs), and an image of
 * another daemon. Needs root.
 */
export async function startOwnDocker(
  image: string,
  from: string,
  { dataRoot, args = [] }: { readonly dataRoot?: string; readonly args?: readonly string[] } = {},
): Promise<OwnDocker> {
  const dir = mkdtempSync(join(tmpdir(), "cbx-own-docker-"));
  const socketPath = join(dir, "docker.sock");
  const pidFile = join(dir, "pid");
  const containerdPidFile = join(dir, "exec/containerd/containerd.pid");
  // Benchmark addresses (RFC 2544) on a bridge of its own: with none, or with address pools of its own and a bridge
  // from before, dockerd takes other daemons' docker0 away.
  const unique = process.pid % 16_384;
  const address = `198.18.${unique >> 6}.${((unique & 63) << 2) + 1}`;
  const bridge = `own-${unique.toString(16)}`;
  const answers = () => existsSync(socketPath) && docker(socketPath, ["version"]) !== null;
  ip("link", "add", bridge, "type", "bridge");
  ip("address", "add", `${address}/30`, "dev", bridge);
  ip("link", "set", bridge, "up");

  const own: OwnDocker = {
    socketPath,
    address,
    docker: (...args) => docker(socketPath, args),
    async start() {
      const log = openSync(join(dir, "log"), "a");
      const places = [
        `--data-root=${dataRoot ?? join(dir, "data")}`,
        `--exec-root=${join(dir, "exec")}`,
        `--pidfile=${pidFile}`,
        `--bridge=${bridge}`,
        `--host=unix://${socketPath}`,
      ];
      const command = ["--pdeathsig", "TERM", "dockerd", ...places, ...NETWORK_ARGS, ...args];
      let ended = true;
      // On a busy machine it gives its containerd up too soon, and is started again, as systemd would.
      const tryAgain = () => {
        if (!ended) return answers();
        ended = false;
        for (const file of [pidFile, containerdPidFile]) rmSync(file, { force: true });
        // Asked to end when the test process does, however that ends.
        const child = spawn("setpriv", command, { detached: true, stdio: ["ignore", log, log] });
        child.once("exit", () => (ended = true)).unref();
        return false;
      };
      await until(tryAgain, `dockerd, whose log is ${join(dir, "log")}`, WITHIN_MS);
    },
    async kill() {
      const pids = [pidFile, containerdPidFile].map(pidIn);
      for (const pid of pids) if (pid !== null) process.kill(pid, "SIGKILL");
      await until(() => pids.every((pid) => pid === null || isGone(pid)), "the daemon's end", WITHIN_MS);
    },
    async stop() {
      try {
        // One that was left dead has networks to take down.
        if (!answers()) await own.start();
        for (const id of lines(own.docker("ps", "-aq"))) own.docker("rm", "-fv", id);
        own.docker("network", "prune", "-f");
        const pid = pidIn(pidFile);
        if (pid !== null) process.kill(pid, "SIGTERM");
        await until(() => pid === null || isGone(pid), "the end of dockerd", WITHIN_MS);
      } finally {
        killAllOf(dir);
        ip("link", "del", bridge);
        for (const mount of mountsBelow(dir)) spawnSync("umount", ["-l", mount]);
        rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      }
    },
  };
  await own.start();
  const copy = 'docker -H "unix://$1" save "$3" | docker -H "unix://$2" load';
  execFileSync("bash", ["-o", "pipefail", "-c", copy, "bash", from, socketPath, image], {
    stdio: ["ignore", "ignore", "inherit"],
    timeout: COPY_WITHIN_MS,
  });
  return own;
}

function ip(...args: readonly string[]): void {
  execFileSync("ip", args);
}

function lines(text: string | null): readonly string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}

function pidIn(file: string): number | null {
  return existsSync(file) ? Number(readFileSync(file, "utf8").trim()) : null;
}

/** A zombie is gone but for its parent's look. */
function isGone(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    // No such process.
    return true;
  }
}

function mountsBelow(dir: string): readonly string[] {
  return lines(readFileSync("/proc/self/mounts", "utf8"))
    .map((line) => line.split(" ")[1] ?? "")
    .filter((place) => place.startsWith(`${dir}/`))
    .toReversed();
}
