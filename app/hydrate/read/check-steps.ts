import { toText } from "../../../runner-bootstrap/boxd/steps/expressions/coerce.ts";
import { allowedHint, quoted, type Complaints } from "./complain.ts";
import { checkId } from "./identifiers.ts";
import { childOf, entriesOf, itemsOf, type ListNode, type WorkflowNode } from "./node.ts";
import { STEP_KINDS } from "./step-shape.ts";

const REMOTE = /^[^@/\\]+[/\\][^@/\\]+(?:[/\\][^@]*)?@[^@]+$/u;

/** Tells what single keys of steps do not show: what a step is, its id, whom it waits for, where its action is. */
export function checkSteps(steps: ListNode, key: string, complaints: Complaints, isParallel = false): void {
  const seen = new Set<string>();
  for (const [index, step] of steps.items.entries())
    checkStep(step, `${key}[${index}]`, seen, isParallel, complaints);
}

function checkStep(
  step: WorkflowNode,
  key: string,
  seen: Set<string>,
  isParallel: boolean,
  complaints: Complaints,
): void {
  if (step.kind !== "map") return;
  const kinds = STEP_KINDS.filter((kind) => childOf(step, kind) !== undefined);
  if (kinds.length > 1)
    complaints.add(
      step.at,
      key,
      `The step has ${kinds.map((kind) => `\`${kind}\``).join(" and ")}.`,
      "A step has exactly one of them.",
    );
  if (kinds.length === 0 && !entriesOf(step).some((entry) => entry.key.includes("${{")))
    complaints.add(
      step.at,
      key,
      `The step has neither \`run\` nor \`uses\`.`,
      `A step has exactly one of ${STEP_KINDS.map((kind) => `\`${kind}\``).join(", ")}.`,
    );
  const before = new Set(seen);
  const id = childOf(step, "id");
  if (id?.kind === "scalar") checkId(toText(id.value), id.at, `${key}.id`, seen, complaints);
  for (const kind of ["wait", "cancel"] as const)
    for (const target of itemsOf(childOf(step, kind)))
      checkTarget(target, `${key}.${kind}`, before, complaints);
  const all = childOf(step, "wait-all");
  if (all?.kind === "scalar" && all.value === false)
    complaints.add(all.at, `${key}.wait-all`, "`wait-all` is `false`.", "It is `true` or left empty.");
  checkUses(childOf(step, "uses"), `${key}.uses`, complaints);
  const background = entriesOf(step).find((entry) => entry.key === "background");
  if (isParallel && background !== undefined)
    complaints.add(
      background.keyAt,
      key,
      "`background` stands inside `parallel`.",
      "Steps in there run side by side as they are.",
    );
  const parallel = childOf(step, "parallel");
  if (parallel?.kind === "list") checkSteps(parallel, `${key}.parallel`, complaints, true);
}

function checkTarget(
  target: WorkflowNode,
  key: string,
  before: ReadonlySet<string>,
  complaints: Complaints,
): void {
  if (target.kind !== "scalar") return;
  const id = toText(target.value);
  if (!before.has(id.toLowerCase()))
    complaints.add(
      target.at,
      key,
      `No step before this one has the id ${quoted(id)}.`,
      before.size === 0 ? "Give the background step an `id`." : allowedHint(id, [...before]),
    );
}

function checkUses(node: WorkflowNode | undefined, key: string, complaints: Complaints): void {
  if (node?.kind !== "scalar") return;
  const uses = toText(node.value);
  if (uses === "" || uses.includes("${{") || /^(?:\.[/\\]|\$\/)/u.test(uses)) return;
  if (uses.startsWith("docker://") ? uses !== "docker://" : REMOTE.test(uses)) return;
  complaints.add(
    node.at,
    key,
    `${quoted(uses)} names no action.`,
    "Allowed: `OWNER/REPOSITORY@REF`, `OWNER/REPOSITORY/PATH@REF`, `./PATH`, `$/PATH`, `docker://IMAGE`.",
  );
}
