/** How a step is called where it is shown (actions/runner ActionRunner.cs, GenerateDisplayName). */

import { fill } from "../expressions/fill.ts";
import type { PlanStep } from "../plan.ts";
import type { Step } from "./job.ts";
import { scopeOf } from "./scope.ts";

/** Characters of a name that is shown. */
const NAME_MAX_CHARS = 1000;

/** With its expressions filled; as written when that cannot be done. */
export function displayName(item: PlanStep, step: Step): string {
  const written = actionNameOf(item);
  try {
    return firstLine(step.job.host.masked(fill(written, scopeOf(step))));
  } catch {
    return written;
  }
}

/** As written. */
export function actionNameOf(item: PlanStep): string {
  if (item.name !== undefined) return firstLine(item.name);
  if (item.kind === "run") return `Run ${firstLine(item.run)}`;
  if (item.kind === "uses") return `Run ${item.uses}`;
  if (item.kind === "parallel") return "Wait for parallel steps";
  if (item.kind === "cancel") return `Cancel ${item.ids.join(", ")}`;
  return item.ids.length === 0 ? "Wait for all background steps" : `Wait for ${item.ids.join(", ")}`;
}

/** `github.action` of a step without an id: `__run`, `__run_2`, `__actions_checkout` (actions/runner WorkflowTemplateConverter.cs). */
export function generatedId(item: PlanStep, taken: Set<string>): string {
  let name = "run";
  if (item.kind === "uses") {
    const [owner, repository] = (item.uses.split("@")[0] ?? "").split("/");
    if (item.uses.startsWith("docker://")) name = item.uses.slice("docker://".length);
    else if (item.uses.startsWith("./")) name = "self";
    else if (item.uses.startsWith("$/")) name = "selfRepository";
    else name = `${owner}/${repository}`;
  }
  const base = `__${name.replaceAll(/[^A-Za-z0-9_-]/g, "_")}`;
  let id = base;
  for (let at = 2; taken.has(id); at += 1) id = `${base}_${at}`;
  taken.add(id);
  return id;
}

function firstLine(text: string): string {
  return (text.trimStart().split(/[\r\n]/, 1)[0] ?? "").slice(0, NAME_MAX_CHARS);
}
