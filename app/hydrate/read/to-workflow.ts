import type { Template } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Complaints } from "./complain.ts";
import type { InputModel, WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { childOf, entriesOf, valueOf, type WorkflowNode } from "./node.ts";
import { present } from "../../../runner-bootstrap/boxd/steps/jobs/present.ts";
import { jobOf } from "./to-job.ts";
import {
  cacheModeOf,
  concurrencyOf,
  defaultsOf,
  permissionsOf,
  templatesOf,
  textOf,
  textsOf,
} from "./to-values.ts";

/** A checked workflow as the model has it. */
export function workflowOf(
  path: string,
  root: WorkflowNode,
  places: Pick<Complaints, "placeAt">,
): WorkflowModel {
  const on = childOf(root, "on");
  const events = on?.kind === "map" ? on.entries.map((event) => event.key) : textsOf(on);
  const jobs = entriesOf(childOf(root, "jobs")).filter((job) => !job.key.includes("${{"));
  const ids = new Map(jobs.map((job) => [job.key.toLowerCase(), job.key]));
  const call = childOf(on, "workflow_call");
  const name = textOf(childOf(root, "name"));
  return {
    path,
    name: name === undefined || name === "" ? path : name,
    on: on === undefined ? null : valueOf(on),
    events,
    inputs: {
      dispatch: inputsOf(childOf(childOf(on, "workflow_dispatch"), "inputs")),
      call: inputsOf(childOf(call, "inputs")),
    },
    call: events.includes("workflow_call") ? callOf(call) : null,
    env: templatesOf(childOf(root, "env")),
    defaults: defaultsOf(childOf(root, "defaults")),
    jobs: jobs.map((job) => jobOf(job, ids, places)),
    ...present({
      runName: textOf(childOf(root, "run-name")),
      permissions: permissionsOf(childOf(root, "permissions")),
      cacheMode: cacheModeOf(childOf(root, "cache-mode")),
      concurrency: concurrencyOf(childOf(root, "concurrency")),
    }),
  };
}

function inputsOf(node: WorkflowNode | undefined): Readonly<Record<string, InputModel>> {
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, inputOf(value)]));
}

function inputOf(node: WorkflowNode): InputModel {
  const given = childOf(node, "default");
  const options = childOf(node, "options");
  return {
    // The shapes let only these pass; an input of `workflow_dispatch` without a type is a string.
    type: (textOf(childOf(node, "type")) ?? "string") as InputModel["type"],
    required: textOf(childOf(node, "required")) === "true",
    ...present({
      default: given === undefined ? undefined : valueOf(given),
      options: options === undefined ? undefined : textsOf(options),
      description: textOf(childOf(node, "description")),
    }),
  };
}

function callOf(node: WorkflowNode | undefined): NonNullable<WorkflowModel["call"]> {
  const secrets = entriesOf(childOf(node, "secrets")).map(
    ({ key, value }) => [key, { required: textOf(childOf(value, "required")) === "true" }] as const,
  );
  const outputs = entriesOf(childOf(node, "outputs")).map(({ key, value }): [string, Template] => [
    key,
    textOf(childOf(value, "value")) ?? "",
  ]);
  return { secrets: Object.fromEntries(secrets), outputs: Object.fromEntries(outputs) };
}
