/** `run` steps (actions/runner ScriptHandler.cs). */

import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { removeFile } from "../../once.ts";
import { fill } from "../expressions/fill.ts";
import type { PlanStep } from "../plan.ts";
import type { Step } from "./job.ts";
import { addedPath, stepEnvironment } from "./environment.ts";
import { type Ended, launch } from "./launch.ts";
import { debug } from "./say.ts";
import { scopeInside } from "./scope.ts";
import { shellFor, which } from "./shell.ts";

/** Throws `ExpressionError` for templates that cannot be filled. */
export async function runScript(step: Step, item: PlanStep & { kind: "run" }): Promise<Ended> {
  const { job } = step;
  const { container, host } = job;
  const scope = scopeInside(step);
  const script = fill(item.run, scope);
  const ownShell = item.shell === undefined ? "" : fill(item.shell, scope);
  const ownDirectory = item.workingDirectory === undefined ? null : fill(item.workingDirectory, scope);
  // The job's defaults are not for steps inside an action.
  const setting = ownShell !== "" || step.isNested ? ownShell : job.defaults.shell;
  const directory = ownDirectory ?? (step.isNested ? "" : job.defaults.workingDirectory);

  const paths = [...addedPath(step), host.env["PATH"] ?? ""].join(":");
  const find = (name: string): string | null => (container === null ? which(name, paths) : name);
  const shell = shellFor(setting, find, container !== null);
  if ("fault" in shell) return { kind: "unstartable", message: shell.fault };

  const file = join(host.places.files, randomUUID() + shell.extension);
  writeFileSync(file, shell.contents(script), { flag: "wx" });
  const argv = shell.argv(container === null ? file : container.inside(file));
  debug(step, argv.join(" "));
  try {
    return await launch(step, {
      argv,
      cwd: resolve(host.places.workspace, directory),
      env: stepEnvironment(step),
    });
  } finally {
    removeFile(file);
  }
}
