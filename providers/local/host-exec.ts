import { spawn } from "node:child_process";
import { userInfo } from "node:os";

import type { ServerChannel } from "ssh2";

/** What a command on a box may know of the machine: how to find programs, the network and the time zone. */
const PASSED_ON = [
  "PATH",
  "LANG",
  "LC_ALL",
  "TZ",
  "http_proxy",
  "https_proxy",
  "no_proxy",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  // Paths boxd's sandbox makes invisible: the App's state.
  "CRABBOX_HIDE",
] as const;

/**
 * Runs one command of an SSH session in a session of its own, in the box's directory. When the client goes, the
 * command's pipes end and nothing is killed: boxd's supervisors are meant to live on.
 */
export function runExec(channel: ServerChannel, boxDir: string, command: string): void {
  const child = spawn("/bin/sh", ["-c", command], {
    cwd: boxDir,
    detached: true,
    // For install.sh: the App's own Node lies here, so that it need not travel.
    env: { ...boxEnvironment(boxDir), CRABBOX_NODE: process.execPath },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // A pipe the other end of which is gone is no event here: the exit status tells the story.
  for (const stream of [child.stdin, child.stdout, child.stderr, channel])
    stream.on("error", () => undefined);
  channel.pipe(child.stdin);
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.once("error", () => {
    channel.exit(127);
    channel.end();
  });
  // `close` comes after the pipes' last byte, `exit` would cut the output short.
  child.once("close", (code, signal) => {
    if (signal === null) channel.exit(code ?? 255);
    else channel.exit(signal.slice("SIG".length));
    channel.end();
  });
  channel.once("close", () => {
    child.stdin.end();
    child.stdout.destroy();
    child.stderr.destroy();
  });
}

/** The environment of everything that is started on a box by the host process: nothing of the App's secrets. */
export function boxEnvironment(boxDir: string): Record<string, string> {
  const { username } = userInfo();
  const env: Record<string, string> = { HOME: boxDir, USER: username, LOGNAME: username, SHELL: "/bin/sh" };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}
