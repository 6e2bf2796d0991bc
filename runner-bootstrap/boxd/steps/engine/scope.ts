/** What expressions see at a step, and the ways the engine asks for them. */

import { condition } from "../expressions/condition.ts";
import { ExpressionError } from "../expressions/expression-error.ts";
import { fill, fillValue } from "../expressions/fill.ts";
import { hashFiles } from "../expressions/hash-files.ts";
import type { Scope } from "../expressions/scope.ts";
import type { Template, Yaml } from "../plan.ts";
import type { Step } from "./job.ts";

/** Contexts inside an action (actions/runner action_yaml.json); `secrets`, `vars` and `needs` are the workflow's alone. */
const WORKFLOW_ONLY = ["secrets", "vars", "needs"] as const;

export function scopeOf(step: Step, over: Readonly<Record<string, Yaml>> = {}): Scope {
  const { job } = step;
  const plan = job.plan.contexts;
  const contexts: Record<string, Yaml> = {
    github: step.github,
    env: step.env,
    vars: plan.vars,
    job: { status: job.status, container: job.context.container, services: job.context.services },
    steps: step.scope,
    runner: job.runner,
    secrets: plan.secrets,
    strategy: plan.strategy,
    matrix: plan.matrix,
    needs: plan.needs,
    inputs: step.inputs,
    ...over,
  };
  if (step.isNested) for (const name of WORKFLOW_ONLY) delete contexts[name];
  return {
    contexts,
    hashFiles: (patterns) => hashFiles(job.host.places.workspace, patterns),
  };
}

/** Like `scopeOf`, with paths as they are in the job's container, for what is used in there. */
export function scopeInside(step: Step, over: Readonly<Record<string, Yaml>> = {}): Scope {
  const { container } = step.job;
  if (container === null) return scopeOf(step, over);
  const inside = (values: Readonly<Record<string, Yaml>>): Record<string, Yaml> =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === "string" ? container.inside(value) : value,
      ]),
    );
  return scopeOf(step, { github: inside(step.github), runner: inside(step.job.runner), ...over });
}

/** An `env` or `with` map, or one expression for the whole of it. Throws `ExpressionError`. */
export function fillMap(
  map: Readonly<Record<string, Template>> | Template,
  scope: Scope,
): readonly (readonly [string, string])[] {
  if (typeof map !== "string") return Object.entries(map).map(([name, text]) => [name, fill(text, scope)]);
  const value = fillValue(map, scope);
  if (value === null || value === "") return [];
  if (typeof value !== "object" || Array.isArray(value))
    throw new ExpressionError("The expression has to give a map of names and values.", map, 0);
  return Object.entries(value).map(([name, item]) => [name, textOf(item)]);
}

export function holds(step: Step): boolean {
  return condition(step.condition, { ...scopeOf(step), status: statusOf(step) });
}

/** `continue-on-error`, `timeout-minutes`: a value, or an expression for one. */
export function valueOf(value: Yaml, step: Step): Yaml {
  return typeof value === "string" ? fillValue(value, scopeOf(step)) : value;
}

export function why(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Steps in the main part of a composite go by how that stands; all others by the job (actions/runner SuccessFunction.cs). */
function statusOf(step: Step): NonNullable<Scope["status"]> {
  const { job } = step;
  const status = (): unknown =>
    step.isNested && step.stage === "main" ? (step.github["action_status"] ?? "success") : job.status;
  return {
    success: () => status() === "success",
    failure: () => status() === "failure",
    cancelled: () => job.status === "cancelled",
  };
}

function textOf(value: Yaml): string {
  if (value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
