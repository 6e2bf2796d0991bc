/** How a supervisor is started so that it outlives its connection. */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";

import type { Layout } from "./layout.ts";
import { makeLayout } from "./layout.ts";
import { probeBox } from "./probe.ts";
import type { Rung } from "./task.ts";

/**
 * Functions are compiled while boxd waits for its task and stay so: 5 ms less once it has come (V8's flags, the same in
 * Node 20 to 24).
 */
const COMPILED_AHEAD = ["--no-lazy", "--no-flush-bytecode"];

/**
 * A session of its own is enough where nobody cleans up after a log-in. With systemd a scope is: the session's, and
 * the unit's of whoever serves the connection, may be ended as a whole.
 */
export function supervisorArgv(layout: Layout, node: string, program: string): string[] {
  const argv = [node, ...COMPILED_AHEAD, program, "supervise"];
  const rung = systemdRungOf(layout);
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

function systemdRungOf(layout: Layout): Rung | undefined {
  if (!existsSync("/run/systemd/system")) return undefined;
  makeLayout(layout);
  return probeBox(layout.root).rung;
}
