/** The command itself. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { linkExecute } from "./claim.ts";
import type { PhaseResult } from "./phases.ts";
import type { ExecutePhase } from "./task.ts";
import type { Units } from "./units.ts";

export type ExecuteDeps = {
  readonly dir: string;
  readonly tree: string;
  readonly tmp: string;
  readonly units: Units;
  readonly environment: () => Record<string, string>;
  readonly sandbox: () => string[];
  /** The task's name is on disk. */
  readonly durable: Promise<void>;
};

/**
 * Links `execute` right before the spawn: until then the task may be tried elsewhere, after it never. The phase
 * succeeds when the command ran to an end, whatever its exit code says.
 */
export async function executePhase(deps: ExecuteDeps, execute: ExecutePhase): Promise<PhaseResult> {
  const cwd = join(deps.tree, execute.workingDirectory);
  if (!existsSync(cwd))
    return { failed: true, exit: { error: `working directory not found: ${execute.workingDirectory}` } };
  const argv = [
    "bash",
    ...(execute.kind === "line" ? ["-c", execute.text] : [writeScript(deps.tmp, execute.text)]),
  ];
  const spec = { step: 0, argv, cwd, env: deps.environment(), sandbox: deps.sandbox() };
  await deps.durable;
  linkExecute(deps.dir);
  const { code, signal, error } = await deps.units.run(spec);
  const failed = error !== undefined || signal !== undefined || code !== 0;
  return {
    failed,
    exit: {
      ...(code === undefined ? {} : { code }),
      ...(signal === undefined ? {} : { signal }),
      ...(error === undefined ? {} : { error }),
    },
  };
}

function writeScript(tmp: string, text: string): string {
  const path = join(tmp, "crabbox-script.sh");
  writeFileSync(path, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o700 });
  return path;
}
