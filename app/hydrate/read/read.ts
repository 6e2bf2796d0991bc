import { checkJobs } from "./check-jobs.ts";
import { checkShape } from "./check-shape.ts";
import type { Fault } from "./fault.ts";
import type { WorkflowModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { parseWorkflow } from "./parse.ts";
import { workflowOf } from "./to-workflow.ts";
import { WORKFLOW_SHAPE } from "./workflow-shape.ts";

/**
 * A workflow's text as a checked model, or what is wrong with it in the order of the text, at most `MAX_FAULTS`. A fault is what GitHub
 * refuses too; a warning is about what it takes for something else than it looks. Never throws for what the text holds.
 */
export function readWorkflow(
  path: string,
  text: string,
):
  | { readonly workflow: WorkflowModel; readonly warnings: readonly Fault[] }
  | { readonly faults: readonly Fault[] } {
  const { root, complaints } = parseWorkflow(path, text);
  if (root === null) return { faults: complaints.faults };
  if (root.kind !== "map")
    complaints.add(
      root.at,
      "",
      "The file is no map of keys.",
      "A workflow starts with keys such as `on` and `jobs`.",
    );
  else {
    checkShape(root, WORKFLOW_SHAPE, "", complaints);
    checkJobs(root, complaints);
  }
  if (complaints.faults.length > 0)
    return { faults: complaints.faults.toSorted((a, b) => a.line - b.line || a.column - b.column) };
  return { workflow: workflowOf(path, root, complaints), warnings: complaints.warnings };
}
