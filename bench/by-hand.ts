import { execFile, execFileSync, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import type { Sshd } from "../test/servers/sshd.ts";

const run = promisify(execFile);
const TIMEOUT_MS = 120_000;
const OUTPUT_MAX_BYTES = 16 * 1024 * 1024;

/** A person's own way: OpenSSH over one connection that stays open. */
export type ByHand = {
  /** Runs a command line on the box; answers its stdout. */
  run(command: string): Promise<string>;
  /** The argv of `ssh` up to the command, for callers that stream. */
  readonly argv: readonly string[];
  /** Ends the connection; it is gone when this returns. */
  close(): void;
};

/** Opens the ControlMaster connection and waits until it stands. */
export function openByHand(sshd: Sshd, user: string, dir: string): ByHand {
  const files = ["-S", join(dir, "mux"), "-F", "/dev/null", "-i", sshd.keyFile];
  const options = [
    "IdentitiesOnly=yes",
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
    "LogLevel=ERROR",
  ];
  const common = [...files, "-p", String(sshd.port), ...options.flatMap((option) => ["-o", option])];
  const host = `${user}@127.0.0.1`;
  // -f returns once it is logged in; the master then belongs to nobody and is ended by -O exit.
  execFileSync("ssh", [...common, "-M", "-N", "-f", host], { stdio: "ignore", timeout: TIMEOUT_MS });
  const argv = [...common, host];
  return {
    argv,
    run: async (command) =>
      (await run("ssh", [...argv, command], { timeout: TIMEOUT_MS, maxBuffer: OUTPUT_MAX_BYTES })).stdout,
    close: () => {
      spawnSync("ssh", [...common, "-O", "exit", host], { stdio: "ignore", timeout: TIMEOUT_MS });
    },
  };
}
