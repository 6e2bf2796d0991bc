import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import type { AddressInfo } from "node:net";
import type { ChildProcess } from "node:child_process";

export type Sshd = {
  readonly port: number;
  readonly dir: string;
  /** `SHA256:...` of its ed25519 host key. */
  readonly hostKey: string;
  /** Private key that the listed users accept. */
  readonly keyFile: string;
  /** Ends it as a power cut does (with everything in its PID namespace, when it has one) and starts it again, same port and key. */
  reboot(): Promise<void>;
  /** Makes a new host key and starts again. */
  changeHostKey(): Promise<string>;
  stop(): Promise<void>;
};

export type SshdOptions = {
  /** In a PID namespace of its own, so that `reboot` is one; root only. */
  readonly pidNamespace?: boolean;
  /** Files its sessions find empty and not executable; root only. */
  readonly hide?: readonly string[];
  /** Authorised public keys beside the one made here, one a line. */
  readonly extraKeys?: readonly string[];
  /** Runs instead of every command; finds that one in SSH_ORIGINAL_COMMAND. */
  readonly forceCommand?: string;
  /** Directory whose programs its sessions find before the machine's. */
  readonly binDir?: string;
};

const SSHD = "/usr/sbin/sshd";
const START_TIMEOUT_MS = 15_000;

/** A real OpenSSH server on a free loopback port, all its files in a temporary directory. Every user logs in by one key. */
export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const dir = mkdtempSync(join(tmpdir(), "cbx-sshd-"));
  chmodSync(dir, 0o755);
  const port = await freePort();
  const keyFile = join(dir, "client_key");
  keygen(keyFile);
  let hostKey = newHostKey(dir);
  const keys = [readFileSync(`${keyFile}.pub`, "utf8").trim(), ...(options.extraKeys ?? [])];
  writeFileSync(join(dir, "authorized_keys"), `${keys.join("\n")}\n`, { mode: 0o644 });
  writeFileSync(join(dir, "sshd_config"), config(dir, port, options));
  // sshd started by root insists on its privilege separation directory.
  if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });

  let daemon = await launch(dir, port, options);
  const restart = async () => {
    await end(daemon);
    // The namespace's sshd dies a moment after its parent.
    while (await answers(port)) await delay(20);
    daemon = await launch(dir, port, options);
  };
  return {
    port,
    dir,
    keyFile,
    get hostKey() {
      return hostKey;
    },
    reboot: restart,
    changeHostKey: async () => {
      hostKey = newHostKey(dir);
      await restart();
      return hostKey;
    },
    stop: async () => {
      await end(daemon);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function config(dir: string, port: number, { forceCommand, binDir }: SshdOptions): string {
  return [
    `Port ${port}`,
    "ListenAddress 127.0.0.1",
    `HostKey ${join(dir, "host_key")}`,
    `AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
    "PidFile none",
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin prohibit-password",
    "MaxStartups 100",
    "PrintMotd no",
    ...(forceCommand === undefined ? [] : [`ForceCommand ${forceCommand}`]),
    ...(binDir === undefined ? [] : [`SetEnv PATH=${binDir}:/usr/local/bin:/usr/bin:/bin`]),
    "",
  ].join("\n");
}

function newHostKey(dir: string): string {
  const file = join(dir, "host_key");
  rmSync(file, { force: true });
  keygen(file);
  return execFileSync("ssh-keygen", ["-lf", `${file}.pub`], { encoding: "utf8" }).split(" ")[1] ?? "";
}

function keygen(file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file], {
    stdio: "ignore",
  });
}

async function launch(dir: string, port: number, options: SshdOptions): Promise<ChildProcess> {
  const sshd = [SSHD, "-D", "-e", "-f", join(dir, "sshd_config")];
  const pids = options.pidNamespace === true ? ["--pid", "--fork", "--kill-child", "--mount-proc"] : [];
  const hidden = options.hide ?? [];
  const hiding = hidden.map((path) => `mount --bind /dev/null '${path}'`).join("; ");
  const inner = hidden.length === 0 ? sshd : ["sh", "-c", `${hiding}; exec "$@"`, "sh", ...sshd];
  const isApart = pids.length > 0 || hidden.length > 0;
  const [command = SSHD, ...args] = isApart ? ["unshare", "--mount", ...pids, ...inner] : sshd;
  const daemon = spawn(command, args, { stdio: ["ignore", "ignore", "ignore"] });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(port))) {
    if (daemon.exitCode !== null || Date.now() > deadline)
      throw new Error(`sshd did not start on port ${port}`);
    await delay(20);
  }
  return daemon;
}

async function end(daemon: ChildProcess): Promise<void> {
  if (daemon.exitCode !== null || daemon.signalCode !== null) return;
  const gone = new Promise((resolve) => daemon.once("exit", resolve));
  daemon.kill("SIGKILL");
  await gone;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
