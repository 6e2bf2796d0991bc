/** Rungs 1 and 5: a scope of systemd's, the machine's or the user's. */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import type { Containment } from "./containment.ts";
import { ownProgram } from "./own-program.ts";
import { isAlive, signal } from "./processes.ts";

/** A manager that does not answer in this time is not one to build on. */
const SYSTEMCTL_TIMEOUT_MS = 10_000;

/** How systemd can be used here: as root (also by sudo), through a lingering user manager, or not. */
export function systemdRung(): "systemd-scope" | "systemd-user-scope" | undefined {
  if (!existsSync("/run/systemd/system")) return undefined;
  if (process.getuid?.() === 0)
    return works(["systemd-run", "--scope", "--quiet", "--collect", "true"]) ? "systemd-scope" : undefined;
  const lingers = existsSync(join("/var/lib/systemd/linger", process.env["USER"] ?? ""));
  return lingers && works(["systemd-run", "--user", "--scope", "--quiet", "--collect", "true"])
    ? "systemd-user-scope"
    : undefined;
}

/** A containment in the scope `unit`. */
export function systemdContainment(rung: "systemd-scope" | "systemd-user-scope", unit: string): Containment {
  const user = rung === "systemd-user-scope" ? ["--user"] : [];
  let sequence = 0;
  const units = (): string => `${unit}-*.scope`;
  const members = (): number[] => {
    const listed = run(["systemctl", ...user, "show", "--property=ControlGroup", "--value", units()]);
    return listed
      .split("\n")
      .filter((group) => group.startsWith("/"))
      .flatMap((group) => pidsOf(group))
      .filter(isAlive);
  };
  return {
    rung,
    wrap(argv) {
      sequence += 1;
      return [
        ownProgram("systemd-run"),
        ...user,
        "--scope",
        "--quiet",
        "--collect",
        `--unit=${unit}-${sequence}`,
        "--",
        ...argv,
      ];
    },
    adopt: () => undefined,
    members,
    killAll() {
      run(["systemctl", ...user, "kill", "--signal=SIGKILL", units()]);
      for (const pid of members()) signal(pid, "SIGKILL");
    },
    dispose: () => undefined,
  };
}

function pidsOf(group: string): number[] {
  for (const root of ["/sys/fs/cgroup", "/sys/fs/cgroup/unified", "/sys/fs/cgroup/systemd"]) {
    const file = join(root, group, "cgroup.procs");
    if (existsSync(file)) return readFileSync(file, "latin1").split("\n").filter(Boolean).map(Number);
  }
  return [];
}

function run(argv: readonly string[]): string {
  return (
    spawnSync(argv[0] ?? "", argv.slice(1), { encoding: "utf8", timeout: SYSTEMCTL_TIMEOUT_MS }).stdout ?? ""
  );
}

function works(argv: readonly string[]): boolean {
  return (
    spawnSync(argv[0] ?? "", argv.slice(1), { stdio: "ignore", timeout: SYSTEMCTL_TIMEOUT_MS }).status === 0
  );
}
