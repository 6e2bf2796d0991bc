/** Opens the best containment of this box for a task, and opens a dead supervisor's again. */

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { startTimeOf } from "../epoch.ts";
import type { Probe } from "../probe.ts";
import { bestEffortContainment } from "./best-effort.ts";
import { cgroupContainment } from "./cgroup.ts";
import type { Containment, ContainRecord } from "./containment.ts";
import { isSameProcess } from "./processes.ts";
import { namespaceContainment } from "./namespace.ts";
import { systemdContainment } from "./systemd.ts";
import { wholeBoxContainment } from "./whole-box.ts";

const FILE = "contain.json";

/** A containment for the task in `dir`, with its record kept there for whoever must end what is left. */
export function openContainment(
  deps: { readonly probe: Probe; readonly root: string },
  task: {
    readonly id: string;
    readonly dir: string;
    readonly workTrees: readonly string[];
    readonly isSandboxed: boolean;
  },
): Containment {
  const name = `crabbox-${task.id}-${createHash("sha256").update(deps.root).digest("hex").slice(0, 8)}`;
  const { rung, cgroupRoot } = deps.probe;
  let record: ContainRecord = {
    rung,
    id: task.id,
    workTrees: task.workTrees,
    isSandboxed: task.isSandboxed,
    roots: [],
    ...(cgroupRoot === undefined ? {} : { cgroup: join(cgroupRoot, name) }),
    ...(rung.startsWith("systemd") ? { unit: name } : {}),
  };
  const keep = (): void => writeFileSync(join(task.dir, FILE), JSON.stringify(record), { mode: 0o600 });
  keep();
  const inner = containmentOf(record);
  return {
    ...inner,
    adopt(pid) {
      inner.adopt(pid);
      // A cgroup or a unit has a name; the others are only known by their first processes.
      if (record.cgroup !== undefined || record.unit !== undefined) return;
      record = { ...record, roots: [...record.roots, { pid, startTime: startTimeOf(pid) ?? "0" }] };
      keep();
    },
  };
}

/** The containment a dead supervisor left in `dir`, or undefined when it had none. Valid in the same epoch only. */
export function reopenContainment(dir: string): Containment | undefined {
  let text: string;
  try {
    text = readFileSync(join(dir, FILE), "utf8");
  } catch {
    return undefined; // It died before it started anything.
  }
  return containmentOf(JSON.parse(text) as ContainRecord);
}

function containmentOf(record: ContainRecord): Containment {
  switch (record.rung) {
    case "systemd-scope":
    case "systemd-user-scope":
      return systemdContainment(record.rung, record.unit ?? "");
    case "cgroup2":
    case "cgroup1-freezer":
      return cgroupContainment(record.rung, record.cgroup ?? "");
    case "pid-namespace":
    case "bwrap":
      return namespaceContainment(record.rung, record.isSandboxed, record.roots);
    case "container":
      return wholeBoxContainment(record.roots.filter(isSameProcess).map((root) => root.pid));
    case "best-effort":
      return bestEffortContainment(
        record.id,
        record.workTrees,
        record.roots.filter(isSameProcess).map((root) => root.pid),
      );
  }
}
