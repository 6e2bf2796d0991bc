/** What this box can do, asked once per box and boot. */

import { spawnSync } from "node:child_process";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { cgroup2Root, freezerRoot } from "./contain/cgroup.ts";
import { ownProgram } from "./contain/own-program.ts";
import { systemdRung } from "./contain/systemd.ts";
import { isWholeBox } from "./contain/whole-box.ts";
import { readEpoch } from "./epoch.ts";
import type { Rung } from "./task.ts";

export type Probe = {
  readonly epoch: string;
  readonly rung: Rung;
  /** Where cgroups of ours are made, for the cgroup rungs. */
  readonly cgroupRoot?: string;
  readonly bwrap: boolean;
  readonly git: string | null;
  readonly gitLfs: boolean;
};

/** Each question is a program that answers at once or not at all. */
const PROBE_TIMEOUT_MS = 10_000;
/** Raised when the questions change: an older answer is then asked anew. */
const PROBE_VERSION = 1;

/** The stored answer of this boot, or a new one. Two at once write the same. */
export function probeBox(root: string): Probe {
  const file = join(root, "probe.json");
  const epoch = readEpoch();
  const known = readStored(file);
  if (known?.version === PROBE_VERSION && known.probe.epoch === epoch && known.probe.git !== null)
    return known.probe;
  const probe: Probe = {
    epoch,
    ...findRung(),
    bwrap: bwrapWorks(),
    git: gitVersion(),
    gitLfs: answers(["git-lfs", "version"]),
  };
  writeFileSync(`${file}.${process.pid}`, JSON.stringify({ version: PROBE_VERSION, probe }), { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
  return probe;
}

/** What a build as root needs over files and users; none of these reaches beyond the sandbox's own mounts and PIDs. */
const ROOT_KEEPS = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FOWNER",
  "FSETID",
  "KILL",
  "SETGID",
  "SETUID",
  "NET_BIND_SERVICE",
];
/** Files by which root, even without a capability, changes the machine. */
const OF_THE_KERNEL = ["/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/proc/fs"];

/** bubblewrap's argv that the probe tries and the sandbox builds on. As root it takes root's rights over the machine away. */
export const BWRAP_BASE: readonly string[] = [
  ownProgram("bwrap"),
  "--die-with-parent",
  "--unshare-pid",
  "--ro-bind",
  "/",
  "/",
  "--dev",
  "/dev",
  "--proc",
  "/proc",
  ...(process.getuid?.() === 0
    ? [
        ...OF_THE_KERNEL.flatMap((path) => ["--ro-bind-try", path, path]),
        "--cap-drop",
        "ALL",
        ...ROOT_KEEPS.flatMap((name) => ["--cap-add", `CAP_${name}`]),
      ]
    : []),
];

function findRung(): { rung: Rung; cgroupRoot?: string } {
  const scope = systemdRung();
  if (scope === "systemd-scope") return { rung: scope };
  if (process.getuid?.() === 0) {
    const two = cgroup2Root();
    if (two !== undefined) return { rung: "cgroup2", cgroupRoot: two };
    const one = freezerRoot();
    if (one !== undefined) return { rung: "cgroup1-freezer", cgroupRoot: one };
    if (answers(["unshare", "--pid", "--fork", "--mount-proc", "--kill-child", "--", "true"]))
      return { rung: "pid-namespace" };
  }
  if (scope !== undefined) return { rung: scope };
  if (bwrapWorks()) return { rung: "bwrap" };
  return { rung: isWholeBox() ? "container" : "best-effort" };
}

function bwrapWorks(): boolean {
  return answers([...BWRAP_BASE, "true"]);
}

function gitVersion(): string | null {
  const said = spawnSync("git", ["--version"], { encoding: "utf8", timeout: PROBE_TIMEOUT_MS });
  return said.status === 0 ? (/\d+\.\d+(?:\.\d+)?/.exec(said.stdout)?.[0] ?? null) : null;
}

function answers(argv: readonly string[]): boolean {
  return spawnSync(argv[0] ?? "", argv.slice(1), { stdio: "ignore", timeout: PROBE_TIMEOUT_MS }).status === 0;
}

function readStored(file: string): { readonly version: number; readonly probe: Probe } | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { version: number; probe: Probe };
  } catch {
    return undefined; // Not asked yet, or cut off in the middle: asked anew.
  }
}
