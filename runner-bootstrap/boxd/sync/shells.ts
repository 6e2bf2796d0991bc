/** Shells that wait for what to become: taking one costs nothing, while forking a Node process takes milliseconds. */

import { spawn } from "node:child_process";
import type { ChildProcessByStdio } from "node:child_process";
import type { Readable, Writable } from "node:stream";

export type ReadyShell = ChildProcessByStdio<Writable, Readable, Readable>;

export type ReadyShells = {
  /** One that waits, or undefined when there is none left. */
  take(): ReadyShell | undefined;
};

/** Starts `count` shells with `env` and nothing else, each a process group; each ends by itself when boxd does. */
export function readyShells(count: number, env: Readonly<Record<string, string>>): ReadyShells {
  const shells = Array.from({ length: count }, () => {
    const shell = spawn("/bin/sh", [], { env, stdio: ["pipe", "pipe", "pipe"], detached: true });
    shell.stdin.on("error", () => undefined);
    shell.on("error", () => undefined);
    return shell;
  });
  return {
    take() {
      const shell = shells.pop();
      return shell?.pid === undefined || shell.exitCode !== null ? undefined : shell;
    },
  };
}

/** Makes a waiting shell become `argv`, in `cwd`, with `env` added, reading `input`. What is secret in it travels through the pipe alone. */
export function become(
  shell: ReadyShell,
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  input: string,
): void {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
  const command = argv.map((word) => quoted(word)).join(" ");
  shell.stdin.end(`cd -- ${quoted(cwd)} || exit 127\n${exports.join("")}exec ${command} <${quoted(input)}\n`);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
