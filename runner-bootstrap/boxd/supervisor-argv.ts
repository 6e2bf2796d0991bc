/** How a supervisor is started so that it outlives its connection. */

import { existsSync, readFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";

import type { Layout } from "./layout.ts";
import type { Probe } from "./probe.ts";

/**
 * A session of its own is enough where nobody cleans up after a log-in. With systemd a scope is: the session's, and
 * the unit's of whoever serves the connection, may be ended as a whole.
 */
export function supervisorArgv(layout: Layout, node: string, program: string): string[] {
  const argv = [node, program, "supervise"];
  const rung = storedRung(layout);
  if (rung !== "systemd-scope" && rung !== "systemd-user-scope") return argv;
  const user = rung === "systemd-user-scope" ? ["--user"] : [];
  return [
    "systemd-run",
    ...user,
    "--scope",
    "--quiet",
    "--collect",
    `--unit=crabbox-boxd-${randomBytes(6).toString("hex")}`,
    "--",
    ...argv,
  ];
}

function storedRung(layout: Layout): string | undefined {
  const file = join(layout.root, "probe.json");
  if (!existsSync("/run/systemd/system") || !existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { probe: Probe }).probe.rung;
}
