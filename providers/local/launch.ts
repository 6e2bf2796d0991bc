import { spawn } from "node:child_process";
import { existsSync, openSync, closeSync, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";

import { ProviderError } from "../provider.ts";
import { localPaths } from "./files.ts";
import { endOldHost } from "./old-host.ts";
import { boxEnvironment } from "./host-exec.ts";
import { HOST_LAYOUT, askHost } from "./host-lock.ts";

import type { HostAnswer } from "./host-lock.ts";

/** A Node start on a loaded machine takes a second; systemd-run adds tens of milliseconds. */
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 20;

const HOST_PROGRAM = new URL("host.ts", import.meta.url).pathname;

/** How the host process is kept apart from the App's own unit. */
export type LaunchFacts = {
  /** systemd is the machine's manager. */
  readonly systemd: boolean;
  readonly root: boolean;
  /** The App's own cgroup is a service's: what it starts plainly dies with `systemctl stop`. */
  readonly inService: boolean;
};

export type LaunchDeps = {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  readonly facts: LaunchFacts;
  readonly provider: string;
  /** Directory of the local provider. */
  readonly dir: string;
  /** Hidden from commands: the App's state. */
  readonly hide: string;
  readonly idleMs: number;
};

/** The running host process's port; starts one, in a scope of its own where systemd runs, when there is none. */
export async function ensureHost(deps: LaunchDeps, signal: AbortSignal): Promise<number> {
  const running = await listening(deps.dir);
  if (running !== null) return running;
  await endOldHost(deps, signal);
  const wrappers = scopeWrappers(deps.facts);
  // Twice: one that ended may have met a holder of the lock that was just ending itself.
  for (const wrapper of [...wrappers, ...wrappers]) {
    const port = await launch(deps, wrapper, signal);
    if (port !== null) return port;
  }
  const { log } = localPaths(deps.dir);
  const said = lastError(log);
  throw new ProviderError(
    deps.provider,
    "unusable",
    `The local provider's host process did not start${said === null ? "." : `: ${said}`}`,
    deps.facts.inService && !deps.facts.root
      ? `Give the App's user a manager that stays (loginctl enable-linger), and see ${log}.`
      : `See ${log}.`,
  );
}

/**
 * The commands to try before the host's own, in order. Without systemd a session of its own is enough; as part of a
 * service it is not, so there the plain way is no choice.
 */
export function scopeWrappers(facts: LaunchFacts): readonly (readonly string[])[] {
  if (!facts.systemd) return [[]];
  const unit = `crabbox-local-${randomBytes(4).toString("hex")}`;
  const scope = [
    "systemd-run",
    ...(facts.root ? [] : ["--user"]),
    "--scope",
    "--quiet",
    "--collect",
    `--unit=${unit}`,
    "--",
  ];
  return facts.inService ? [scope] : [scope, []];
}

/** The facts of this process. */
export function readLaunchFacts(): LaunchFacts {
  let cgroup = "";
  try {
    cgroup = readFileSync("/proc/self/cgroup", "utf8");
  } catch {
    // No cgroups, no services.
    cgroup = "";
  }
  return {
    systemd: existsSync("/run/systemd/system"),
    root: process.getuid?.() === 0,
    inService: /\.service$/m.test(cgroup.trim()),
  };
}

async function launch(
  deps: LaunchDeps,
  wrapper: readonly string[],
  signal: AbortSignal,
): Promise<number | null> {
  const [command, ...args] = [
    ...wrapper,
    process.execPath,
    HOST_PROGRAM,
    deps.dir,
    String(deps.idleMs),
  ] as const;
  const log = openSync(localPaths(deps.dir).log, "w", 0o600);
  let ended = false;
  const child = spawn(command, args, {
    cwd: deps.dir,
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...boxEnvironment(deps.dir), ...userManager(), CRABBOX_HIDE: deps.hide },
  });
  closeSync(log);
  child.once("error", () => {
    ended = true;
  });
  child.once("exit", () => {
    ended = true;
  });
  child.unref();
  const deadline = deps.clock.now() + START_TIMEOUT_MS;
  for (;;) {
    const port = await listening(deps.dir);
    if (port !== null) return port;
    if (deps.clock.now() > deadline) return null;
    // One that found the lock taken has ended, and the holder is about to listen: look once more before giving up.
    if (ended && (await askHost(deps.dir)) === null) return null;
    await deps.clock.sleep(POLL_MS, signal);
  }
}

/** The line of the host's log that names its end: Node's `Error: ...`, else the first line. */
function lastError(log: string): string | null {
  const lines = readFileSync(log, "utf8").split("\n");
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.find((line) => line.trim() !== "") ?? null;
}

/** What systemd-run --user needs to find its manager. */
function userManager(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const name of ["XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS"]) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

async function listening(dir: string): Promise<number | null> {
  const host: HostAnswer | null = await askHost(dir);
  return host === null || host.layout < HOST_LAYOUT ? null : host.port;
}
