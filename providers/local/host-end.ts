import { execFile } from "node:child_process";
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { endTasks } from "../end-tasks.ts";
import { boxPaths } from "./files.ts";
import { boxEnvironment } from "./host-exec.ts";
import { endLeftovers } from "./leftovers.ts";
import { removeTree } from "./remove-tree.ts";

import type { RunBoxd } from "../end-tasks.ts";
import type { BoxFiles } from "./files.ts";

/** One question to boxd; cancel and status answer in tens of milliseconds, settle ends processes (10 s grace, verify). */
const BOXD_TIMEOUT_MS = 60_000;
const BOXD_OUTPUT_MAX_BYTES = 4 * 1024 * 1024;

type Waiting = { now(): number; sleep(ms: number): Promise<void> };

/**
 * Ends a box: its tasks by boxd, then whatever still belongs to it, then its directory. When something survives, the
 * directory stays with a file `closed` that says what, until a person removes that file. Safe to repeat.
 */
export async function endBox({ at }: Pick<BoxFiles, "at">, clock: Waiting): Promise<void> {
  const paths = boxPaths(at);
  const unended = await endTasks(boxdOf(at, paths.root), clock);
  const left = await endLeftovers(at, (ms) => clock.sleep(ms));
  if (left.length === 0) {
    removeTree(at);
    return;
  }
  const tasks = unended.length === 0 ? "" : `; tasks without an end: ${unended.join(", ")}`;
  writeFileSync(paths.closed, `still running: ${left.join(", ")}${tasks}`);
}

function boxdOf(boxDir: string, root: string): RunBoxd {
  return (args, stdin) => {
    const program = newestBoxd(root);
    if (program === null) return Promise.resolve(null);
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        [program, ...args],
        {
          cwd: boxDir,
          env: { ...boxEnvironment(boxDir), CRABBOX_ROOT: root },
          timeout: BOXD_TIMEOUT_MS,
          maxBuffer: BOXD_OUTPUT_MAX_BYTES,
        },
        (error, stdout) => resolve(error === null ? stdout : null),
      );
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(stdin);
    });
  };
}

function newestBoxd(root: string): string | null {
  const programs = readdirSync(root)
    .filter((name) => /^boxd-[0-9a-f]+\.mjs$/.test(name))
    .map((name) => join(root, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  return programs[0] ?? null;
}
