/** The command itself. */

import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { linkExecute } from "./claim.ts";
import type { PhaseResult } from "./phases.ts";
import type { ExecutePhase } from "./task.ts";
import type { UnitSpec } from "./unit.ts";
import type { Gated, Units } from "./units.ts";

export type ExecuteDeps = {
  readonly dir: string;
  readonly tree: string;
  readonly tmp: string;
  readonly units: Units;
  readonly environment: () => Record<string, string>;
  readonly sandbox: () => string[];
  /** Hears the command's masked output. */
  readonly heard?: UnitSpec["heard"];
  readonly prepared: Prepared | undefined;
  /** The task's name is on disk. */
  readonly durable: Promise<void>;
};

/** What `prepareExecute` made: good as long as the work tree is the same directory. */
export type Prepared = { readonly gated: Gated; readonly treeId: string };

/**
 * Starts everything around the command while the sync is still at work: sandbox and shells are then ready when the tree
 * is. Nothing of the command runs before `executePhase`. Only for a tree that is there already.
 */
export function prepareExecute(
  deps: Omit<ExecuteDeps, "durable" | "prepared">,
  execute: ExecutePhase,
): Prepared | undefined {
  // Elsewhere the sync may make the directory anew.
  const isTree = join(deps.tree, execute.workingDirectory) === join(deps.tree, ".");
  if (!isTree || !existsSync(deps.tree)) return undefined;
  try {
    return { gated: deps.units.prepare(specOf(deps, execute)), treeId: idOf(deps.tree) };
  } catch {
    return undefined; // What fails here fails again when it is needed, and is told then.
  }
}

/**
 * Links `execute` right before the spawn: until then the task may be tried elsewhere, after it never. The phase
 * succeeds when the command ran to an end, whatever its exit code says.
 */
export async function executePhase(deps: ExecuteDeps, execute: ExecutePhase): Promise<PhaseResult> {
  const cwd = join(deps.tree, execute.workingDirectory);
  if (!existsSync(cwd))
    return { failed: true, exit: { error: `working directory not found: ${execute.workingDirectory}` } };
  const ready = deps.prepared?.treeId === idOf(deps.tree) ? deps.prepared.gated : undefined;
  if (deps.prepared !== undefined && ready === undefined) deps.units.drop(deps.prepared.gated);
  const spec = ready === undefined ? specOf(deps, execute) : ready.spec;
  await deps.durable;
  linkExecute(deps.dir);
  const { code, signal, error } = await (ready === undefined
    ? deps.units.run(spec)
    : deps.units.release(ready));
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

function specOf(deps: Omit<ExecuteDeps, "durable" | "prepared">, execute: ExecutePhase): UnitSpec {
  const argv = [
    "bash",
    ...(execute.kind === "line" ? ["-c", execute.text] : [writeScript(deps.tmp, execute.text)]),
  ];
  return {
    step: 0,
    argv,
    cwd: join(deps.tree, execute.workingDirectory),
    env: deps.environment(),
    sandbox: deps.sandbox(),
    heard: deps.heard,
  };
}

/** Tells a directory from another one at the same path; whoever stands in it keeps the number from being used again. */
function idOf(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}

function writeScript(tmp: string, text: string): string {
  const path = join(tmp, "crabbox-script.sh");
  writeFileSync(path, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o700 });
  return path;
}
