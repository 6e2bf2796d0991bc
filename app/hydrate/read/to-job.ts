import type { ContainerSpec, Template, Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Complaints } from "./complain.ts";
import { writtenContainer } from "../../../runner-bootstrap/boxd/steps/jobs/container.ts";
import type { CallJob, JobModel, StepsJob } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { childOf, entriesOf, itemsOf, valueOf, type MapEntry, type WorkflowNode } from "./node.ts";
import { present } from "../../../runner-bootstrap/boxd/steps/jobs/present.ts";
import { stepOf } from "./to-step.ts";
import {
  cacheModeOf,
  concurrencyOf,
  defaultsOf,
  flagOf,
  numberOf,
  permissionsOf,
  templatesOf,
  textMapOf,
  textOf,
  textsOf,
} from "./to-values.ts";

/** A checked job as the model has it; `ids` are all jobs' ids as written, by lower case. */
export function jobOf(
  { key: id, keyAt, value: node }: MapEntry,
  ids: ReadonlyMap<string, string>,
  places: Pick<Complaints, "placeAt">,
): JobModel {
  const strategy = childOf(node, "strategy");
  const base = {
    id,
    needs: textsOf(childOf(node, "needs")).map((need) => ids.get(need.toLowerCase()) ?? need),
    ...present({
      name: textOf(childOf(node, "name")),
      if: textOf(childOf(node, "if")),
      strategy: strategy === undefined ? undefined : valueOf(strategy),
      permissions: permissionsOf(childOf(node, "permissions")),
      cacheMode: cacheModeOf(childOf(node, "cache-mode")),
      concurrency: concurrencyOf(childOf(node, "concurrency")),
    }),
    place: places.placeAt(keyAt),
  };
  const uses = childOf(node, "uses");
  if (uses !== undefined)
    return {
      ...base,
      kind: "call",
      uses: textOf(uses) ?? "",
      usesPlace: places.placeAt(uses.at),
      ...called(node),
    };
  return { ...base, kind: "steps", ...withSteps(node, places) };
}

function called(node: WorkflowNode): Pick<CallJob, "with" | "secrets"> {
  const secrets = childOf(node, "secrets");
  const inputs: [string, Yaml][] = entriesOf(childOf(node, "with")).map(({ key, value }) => [
    key,
    valueOf(value),
  ]);
  return {
    with: Object.fromEntries(inputs),
    secrets: textOf(secrets) === "inherit" ? "inherit" : textMapOf(secrets),
  };
}

function withSteps(
  node: WorkflowNode,
  places: Pick<Complaints, "placeAt">,
): Omit<StepsJob, keyof CallJob> & Pick<StepsJob, "env"> {
  const runsOn = childOf(node, "runs-on");
  const container = childOf(node, "container");
  return {
    runsOn: runsOn === undefined ? null : valueOf(runsOn),
    env: templatesOf(childOf(node, "env")),
    defaults: defaultsOf(childOf(node, "defaults")),
    steps: itemsOf(childOf(node, "steps")).map((step) => stepOf(step, places)),
    services: servicesOf(childOf(node, "services")),
    outputs: textMapOf(childOf(node, "outputs")),
    ...present({
      container: container === undefined ? undefined : (writtenContainer(valueOf(container)) ?? undefined),
      timeoutMinutes: numberOf(childOf(node, "timeout-minutes")),
      continueOnError: flagOf(childOf(node, "continue-on-error")),
      environment: environmentOf(childOf(node, "environment")),
    }),
  };
}

function servicesOf(node: WorkflowNode | undefined): StepsJob["services"] {
  if (node?.kind === "scalar" && node.value !== null) return textOf(node) ?? {};
  const services: [string, ContainerSpec | Template][] = [];
  for (const { key, value } of entriesOf(node)) {
    const written = writtenContainer(valueOf(value));
    // GitHub leaves a service without an image out.
    if (written !== null) services.push([key, written]);
  }
  return Object.fromEntries(services);
}

function environmentOf(node: WorkflowNode | undefined): StepsJob["environment"] {
  if (node === undefined) return undefined;
  if (node.kind !== "map") return { name: textOf(node) ?? "" };
  return { name: textOf(childOf(node, "name")) ?? "", ...present({ url: textOf(childOf(node, "url")) }) };
}
