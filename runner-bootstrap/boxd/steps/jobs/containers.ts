import { fillValue } from "../expressions/fill.ts";
import type { Scope } from "../expressions/scope.ts";
import type { ContainerSpec, Yaml } from "../plan.ts";
import { containerOf } from "./container.ts";
import type { StepsJob } from "./model.ts";

export type Containers = {
  readonly container?: ContainerSpec;
  readonly services: Readonly<Record<string, ContainerSpec>>;
};

/**
 * A job's container and services: a spec as written keeps its templates, one whole expression is evaluated; what it says is nothing is
 * left out. Throws ExpressionError.
 */
export function containersOf(job: StepsJob, scope: Scope): Containers {
  const specOf = (written: ContainerSpec | Yaml): ContainerSpec | null =>
    typeof written === "string"
      ? containerOf(fillValue(written, scope))
      : // What an expression for all services gave is plain values by now.
        containerOf(written);
  const { services } = job;
  const listed = typeof services === "string" ? fillValue(services, scope) : services;
  const entries = typeof listed === "object" && listed !== null ? Object.entries(listed) : [];
  const specs = entries
    .map(([name, one]) => [name, specOf(one)] as const)
    .filter((pair): pair is readonly [string, ContainerSpec] => pair[1] !== null);
  const container = job.container === undefined ? null : specOf(job.container);
  return { ...(container === null ? {} : { container }), services: Object.fromEntries(specs) };
}
