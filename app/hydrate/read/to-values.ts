import type { CacheMode } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import type { Template } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type {
  Concurrency,
  Defaults,
  Permissions,
  Templates,
} from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { childOf, entriesOf, itemsOf, valueOf, type WorkflowNode } from "./node.ts";
import { present } from "../../../runner-bootstrap/boxd/steps/jobs/present.ts";

/** A scalar as GitHub prints it; undefined when it is left out or no scalar. */
export function textOf(node: WorkflowNode | undefined): string | undefined {
  return node?.kind === "scalar" ? toText(node.value) : undefined;
}

/** Texts of a list, or of a single scalar. */
export function textsOf(node: WorkflowNode | undefined): readonly string[] {
  return itemsOf(node).map((item) => textOf(item) ?? "");
}

/** A map of texts. */
export function textMapOf(node: WorkflowNode | undefined): Readonly<Record<string, Template>> {
  return Object.fromEntries(entriesOf(node).map(({ key, value }) => [key, textOf(value) ?? ""]));
}

/** A map of texts, or the one expression that stands for it. */
export function templatesOf(node: WorkflowNode | undefined): Templates {
  return node?.kind === "scalar" && node.value !== null ? toText(node.value) : textMapOf(node);
}

/** A boolean, or the expression that stands for it. */
export function flagOf(node: WorkflowNode | undefined): boolean | Template | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  return typeof node.value === "boolean" ? node.value : toText(node.value);
}

/** A number, or the expression that stands for it. */
export function numberOf(node: WorkflowNode | undefined): number | Template | undefined {
  if (node?.kind !== "scalar" || node.value === null) return undefined;
  return typeof node.value === "number" ? node.value : toText(node.value);
}

export function permissionsOf(node: WorkflowNode | undefined): Permissions | undefined {
  return node === undefined ? undefined : (valueOf(node) as Permissions);
}

export function cacheModeOf(node: WorkflowNode | undefined): CacheMode | undefined {
  // The shape lets only its words pass.
  return textOf(node) as CacheMode | undefined;
}

export function concurrencyOf(node: WorkflowNode | undefined): Concurrency | undefined {
  if (node === undefined) return undefined;
  if (node.kind !== "map") return { group: textOf(node) ?? "" };
  const more = {
    cancelInProgress: flagOf(childOf(node, "cancel-in-progress")),
    queue: textOf(childOf(node, "queue")),
  };
  return { group: textOf(childOf(node, "group")) ?? "", ...present(more) };
}

export function defaultsOf(node: WorkflowNode | undefined): Defaults {
  const run = childOf(node, "run");
  return present({
    shell: textOf(childOf(run, "shell")),
    workingDirectory: textOf(childOf(run, "working-directory")),
  });
}
