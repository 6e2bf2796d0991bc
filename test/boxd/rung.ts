import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";

import { readEpoch } from "../../runner-bootstrap/boxd/epoch.ts";
import type { Rung } from "../../runner-bootstrap/boxd/task.ts";
import type { Box } from "./box.ts";

/** Whether PID namespaces can be made here. */
export const canUnshare =
  process.getuid?.() === 0 &&
  spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "--kill-child", "true"]).status === 0;
/** Whether bubblewrap works here. */
export const canBwrap =
  spawnSync("bwrap", ["--unshare-pid", "--dev-bind", "/", "/", "--proc", "/proc", "true"]).status === 0;

/** Holds a box to a rung of the ladder, as if its probe had found that one the best. */
export function holdTo(box: Box, rung: Rung, more: Readonly<Record<string, string>> = {}): void {
  const probe = { epoch: readEpoch(), rung, bwrap: canBwrap, git: "2.39.5", gitLfs: false, ...more };
  mkdirSync(box.root, { recursive: true });
  writeFileSync(box.path("probe.json"), JSON.stringify({ version: 1, probe }), { mode: 0o644 });
}
