/** What steps and command find in their environment: what the App allowed, and what a log-in needs. Nothing of boxd's. */

import { userInfo } from "node:os";

import type { Layout } from "./layout.ts";
import { taskTmp, workTree } from "./layout.ts";
import type { Task } from "./task.ts";

/** Where nobody set a PATH. */
export const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Where package managers put programs of a user that may not write to the machine's own places (pip, cargo, composer, dotnet). GitHub's
 * images have these on PATH (actions/runner-images, install-python.sh, install-rust.sh and their like), so workflows count on it.
 */
const HOME_PROGRAMS = [".local/bin", ".cargo/bin", ".config/composer/vendor/bin", ".dotnet/tools"];

/** GitHub refuses the first; with the others every later program would begin with code of the step's. */
const REFUSED: ReadonlySet<string> = new Set(["NODE_OPTIONS", "LD_PRELOAD", "LD_AUDIT", "BASH_ENV"]);

export type StepState = { readonly env: Readonly<Record<string, string>>; readonly path: readonly string[] };

/** Names that would change how boxd's own helpers or every later program run; a step cannot set them for others. */
export function isRefusedName(name: string): boolean {
  return REFUSED.has(name) || name.startsWith("CRABBOX");
}

/**
 * The environment of a command: a log-in's, then what earlier steps set, then the App's, then ours. `own` is the
 * environment boxd itself has; only its PATH is used, because the machine's tools are found by it.
 */
export function commandEnvironment(
  layout: Layout,
  task: Task,
  own: NodeJS.ProcessEnv,
  steps: StepState,
): Record<string, string> {
  const user = userInfo().username;
  const env: Record<string, string> = {
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    USER: user,
    LOGNAME: user,
    ...withoutRefused(steps.env),
    ...task.env,
    HOME: layout.home,
    TMPDIR: taskTmp(layout, task.id),
    CI: "true",
    CRABBOX: "1",
    CRABBOX_TASK: task.id,
  };
  env["PATH"] = [
    ...steps.path,
    // A PATH that somebody set is taken as it is.
    task.env["PATH"] ?? steps.env["PATH"] ?? [own["PATH"] ?? DEFAULT_PATH, ...homePrograms(layout)].join(":"),
  ].join(":");
  if (task.sync !== undefined) env["GITHUB_WORKSPACE"] = workTree(layout, task.sync.owner, task.sync.repo);
  return env;
}

function homePrograms({ home }: Layout): readonly string[] {
  return HOME_PROGRAMS.map((dir) => `${home}/${dir}`);
}

function withoutRefused(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isRefusedName(name)));
}
