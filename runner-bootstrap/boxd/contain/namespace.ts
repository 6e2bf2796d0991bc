/** Rungs 4 and 6: a PID namespace. The kernel ends all of it with its first process. */

import { readFileSync } from "node:fs";

import { startTimeOf } from "../epoch.ts";
import type { Containment } from "./containment.ts";
import { ownProgram } from "./own-program.ts";
import { isAlive, isSameProcess, membersOfNamespaces, namespaceOf, signal, treeOf } from "./processes.ts";

type Root = { readonly pid: number; readonly startTime: string };

/** What makes the namespace. Without `--kill-child` or `--die-with-parent` all of it would outlive its outer process. */
const WRAPPERS = {
  "pid-namespace": [ownProgram("unshare"), "--pid", "--fork", "--mount-proc", "--kill-child", "--"],
  bwrap: [
    ownProgram("bwrap"),
    "--die-with-parent",
    "--unshare-pid",
    "--dev-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "--",
  ],
} as const;

/**
 * A containment by PID namespaces; `known` are the outer processes of a supervisor that died. With `isSandboxed` the
 * argv brings a namespace of its own.
 */
export function namespaceContainment(
  rung: "pid-namespace" | "bwrap",
  isSandboxed: boolean,
  known: readonly Root[] = [],
): Containment {
  const roots: Root[] = known.filter(isSameProcess);
  const own = namespaceOf(process.pid);
  const links = new Set<string>();
  const look = (): number[] => {
    const outer = roots.filter(isSameProcess).flatMap((root) => treeOf(root.pid));
    for (const pid of outer) {
      const link = namespaceOf(pid);
      if (link !== undefined && link !== own) links.add(link);
    }
    return [...new Set([...outer, ...membersOfNamespaces(links)])];
  };
  return {
    rung,
    wrap: (argv) => (isSandboxed ? [...argv] : [...WRAPPERS[rung], ...argv]),
    adopt(pid) {
      roots.push({ pid, startTime: startTimeOf(pid) ?? "0" });
    },
    members: () => look().filter((pid) => isAlive(pid)),
    killAll() {
      const inside = look();
      for (const pid of inside) if (isNamespaceInit(pid)) signal(pid, "SIGKILL");
      for (const root of roots) if (isSameProcess(root)) signal(root.pid, "SIGKILL");
    },
    dispose: () => undefined,
  };
}

function isNamespaceInit(pid: number): boolean {
  try {
    const line =
      /^NSpid:\s+(.*)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]?.split(/\s+/) ?? [];
    return line.length > 1 && line.at(-1) === "1";
  } catch {
    return false; // Gone.
  }
}
