import type { Complaints } from "./complain.ts";
import type { StepModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { childOf, itemsOf, type WorkflowNode } from "./node.ts";
import { present } from "../../../runner-bootstrap/boxd/steps/jobs/present.ts";
import { flagOf, numberOf, templatesOf, textMapOf, textOf, textsOf } from "./to-values.ts";

/** A checked step as the model has it. */
export function stepOf(node: WorkflowNode, places: Pick<Complaints, "placeAt">): StepModel {
  const base = {
    ...present({
      id: textOf(childOf(node, "id")),
      name: textOf(childOf(node, "name")),
      if: textOf(childOf(node, "if")),
      continueOnError: flagOf(childOf(node, "continue-on-error")),
      timeoutMinutes: numberOf(childOf(node, "timeout-minutes")),
      background:
        childOf(node, "background") === undefined ? undefined : flagOf(childOf(node, "background")) === true,
    }),
    env: templatesOf(childOf(node, "env")),
    place: places.placeAt(node.at),
  };
  const uses = childOf(node, "uses");
  if (uses !== undefined) {
    const given = childOf(node, "with");
    const whole = given?.kind === "scalar" ? textOf(given) : undefined;
    const inputs = whole === undefined || whole === "" ? textMapOf(given) : { "${{ insert }}": whole };
    return {
      ...base,
      kind: "uses",
      uses: textOf(uses) ?? "",
      usesPlace: places.placeAt(uses.at),
      with: inputs,
    };
  }
  const parallel = childOf(node, "parallel");
  if (parallel !== undefined)
    return { ...base, kind: "parallel", steps: itemsOf(parallel).map((step) => stepOf(step, places)) };
  const wait = childOf(node, "wait");
  if (wait !== undefined) return { ...base, kind: "wait", ids: textsOf(wait) };
  if (childOf(node, "wait-all") !== undefined) return { ...base, kind: "wait", ids: [] };
  const cancel = childOf(node, "cancel");
  if (cancel !== undefined) return { ...base, kind: "cancel", ids: textsOf(cancel) };
  const more = {
    shell: textOf(childOf(node, "shell")),
    workingDirectory: textOf(childOf(node, "working-directory")),
  };
  return { ...base, kind: "run", run: textOf(childOf(node, "run")) ?? "", ...present(more) };
}
