import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import { checkSteps } from "./check-steps.ts";
import { quoted, type Complaints } from "./complain.ts";
import { EXCLUSIVE_FILTERS } from "./event-shape.ts";
import { checkId } from "./identifiers.ts";
import { expandStrategy, type Strategy } from "../../../runner-bootstrap/boxd/steps/jobs/matrix.ts";
import { checkNeeds } from "./needs.ts";
import {
  childOf,
  entriesOf,
  hasExpression,
  itemsOf,
  valueOf,
  type MapEntry,
  type WorkflowNode,
} from "./node.ts";

const LOCAL_WORKFLOW = /^(?:\.|\$)\/\.github\/workflows\/[^/@]+\.ya?ml$/u;
const REMOTE_WORKFLOW = /^[^/@]+\/[^/@]+\/\.github\/workflows\/[^/@]+\.ya?ml@[^@]+$/u;

/** Tells what single keys do not show: ids, needs, jobs without steps, steps, matrices, filters that exclude each other. */
export function checkJobs(root: WorkflowNode, complaints: Complaints): void {
  const jobs = entriesOf(childOf(root, "jobs")).filter((job) => !job.key.includes("${{"));
  const jobsNode = childOf(root, "jobs");
  if (jobsNode !== undefined && jobs.length === 0)
    complaints.add(jobsNode.at, "jobs", "There are no jobs.", "A workflow has at least one.");
  const seen = new Set<string>();
  for (const job of jobs) {
    checkId(job.key, job.keyAt, `jobs.${job.key}`, seen, complaints);
    if (job.value.kind === "map") checkJob(job, complaints);
  }
  checkNeeds(jobs, complaints);
  checkFilters(root, complaints);
}

function checkJob(job: MapEntry, complaints: Complaints): void {
  const key = `jobs.${job.key}`;
  const uses = childOf(job.value, "uses");
  const steps = childOf(job.value, "steps");
  if (uses?.kind === "scalar") {
    const text = toText(uses.value);
    if (text !== "" && !hasExpression(uses) && !LOCAL_WORKFLOW.test(text) && !REMOTE_WORKFLOW.test(text))
      complaints.add(
        uses.at,
        `${key}.uses`,
        `${quoted(text)} names no reusable workflow.`,
        "Allowed: `./.github/workflows/FILE.yml` or `OWNER/REPOSITORY/.github/workflows/FILE.yml@REF`.",
      );
  } else if (steps === undefined || (steps.kind === "list" && steps.items.length === 0)) {
    complaints.add(
      job.keyAt,
      key,
      "The job has no steps.",
      "It has `steps`, or calls a workflow with `uses`.",
    );
  }
  if (steps?.kind === "list") checkSteps(steps, `${key}.steps`, complaints);
  checkMatrix(childOf(job.value, "strategy"), `${key}.strategy`, complaints);
}

/** A matrix without expressions is expanded at once, so that its faults are told with their line. */
function checkMatrix(strategy: WorkflowNode | undefined, key: string, complaints: Complaints): void {
  if (strategy?.kind !== "map" || deepExpression(strategy)) return;
  const expanded: Strategy = expandStrategy(valueOf(strategy));
  const matrix = childOf(strategy, "matrix");
  if (expanded.kind === "fault")
    complaints.add(matrix?.at ?? strategy.at, `${key}.matrix`, expanded.message, expanded.hint);
}

function checkFilters(root: WorkflowNode, complaints: Complaints): void {
  for (const event of entriesOf(childOf(root, "on"))) {
    for (const name of EXCLUSIVE_FILTERS) {
      const ignoring = entriesOf(event.value).find((entry) => entry.key === `${name}-ignore`);
      if (ignoring !== undefined && childOf(event.value, name) !== undefined)
        complaints.add(
          ignoring.keyAt,
          `on.${event.key}`,
          `There are both \`${name}\` and \`${name}-ignore\`.`,
          "GitHub takes one of them; use `!` patterns.",
        );
    }
  }
}

function deepExpression(node: WorkflowNode): boolean {
  if (node.kind === "scalar") return hasExpression(node);
  if (node.kind === "list") return itemsOf(node).some(deepExpression);
  return node.entries.some((entry) => entry.key.includes("${{") || deepExpression(entry.value));
}
