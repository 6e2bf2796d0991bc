import { check } from "../../../runner-bootstrap/boxd/steps/expressions/check.ts";
import { condition } from "../../../runner-bootstrap/boxd/steps/expressions/condition.ts";
import { ExpressionError } from "../../../runner-bootstrap/boxd/steps/expressions/expression-error.ts";
import type { JobPlan, PlanStep, Yaml } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { Cut } from "../choose/cut.ts";
import { isAnsweredCheckout } from "../plan/checkout.ts";
import type { StepRow, StepState } from "./types.ts";

/** Rows of one job; a deep tree of actions is longer than anybody reads. */
const MAX_ROWS = 500;
const MAX_NAME_CHARS = 100;
const MAX_REASON_CHARS = 300;
const STATUS = ["always(0,0)", "cancelled(0,0)", "failure(0,0)", "success(0,0)"];

export type StepsAsked = {
  readonly steps: readonly PlanStep[];
  readonly actions: JobPlan["actions"];
  /** What is known beforehand: github, inputs, vars, matrix ... */
  readonly known: Readonly<Record<string, Yaml>>;
  readonly cut?: Cut;
};

type Walk = StepsAsked & { readonly rows: StepRow[]; readonly chain: readonly string[] };
type Verdict = { readonly state: StepState; readonly reason: string };

/** Step by step what happens, the steps of composite actions below their own. */
export function stepRows(asked: StepsAsked): readonly StepRow[] {
  const rows: StepRow[] = [];
  for (const [index, step] of asked.steps.entries()) {
    const above: Verdict =
      asked.cut === undefined || asked.cut.run.includes(index)
        ? { state: "runs", reason: "" }
        : { state: "skipped", reason: whyCut(asked.cut, index) };
    addRow({ ...asked, rows, chain: [] }, step, String(index + 1), above);
  }
  return rows;
}

function whyCut(cut: Cut, index: number): string {
  const left = cut.leftOut.find((one) => one.index === index);
  return left?.reason ?? cut.reason;
}

function addRow(walk: Walk, step: PlanStep, n: string, above: Verdict): void {
  if (walk.rows.length >= MAX_ROWS) return;
  const action = step.kind === "uses" ? walk.actions[step.action] : undefined;
  const own = above.state === "runs" ? ownVerdict(walk, step) : above;
  walk.rows.push({
    n,
    name: nameOf(step),
    kind: step.kind,
    uses: step.kind === "uses" ? step.uses : null,
    sha: action?.sha ?? null,
    using: action?.definition?.runs.using ?? (action?.source.kind === "image" ? "image" : null),
    ...own,
    reason: own.reason.slice(0, MAX_REASON_CHARS),
    place: step.place,
  });
  // What is decided for a step is decided for all inside of it.
  const below = own.state === "depends" ? { state: "depends" as const, reason: "" } : own;
  if (step.kind === "parallel") addAll(walk, step.steps, n, below);
  const runs = action?.definition?.runs;
  if (step.kind !== "uses" || runs?.using !== "composite" || own.state === "skipped") return;
  if (walk.chain.includes(step.action)) return;
  // Inputs and steps of an action are known only while it runs.
  addAll({ ...walk, known: {}, chain: [...walk.chain, step.action] }, runs.steps, n, below);
}

function addAll(walk: Walk, steps: readonly PlanStep[], n: string, above: Verdict): void {
  for (const [index, step] of steps.entries()) addRow(walk, step, `${n}.${index + 1}`, above);
}

function ownVerdict(walk: Walk, step: PlanStep): Verdict {
  const by = byCondition(walk, step.if);
  if (by.state === "skipped" || step.kind !== "uses") return by;
  const action = walk.actions[step.action];
  if (isAnsweredCheckout(step)) {
    if (by.state === "depends") return by;
    return { state: "answered", reason: "the sync brings this commit" };
  }
  if (action === undefined) return { state: "cannot", reason: "its action cannot be had" };
  if (action.definition === null && action.source.kind !== "image")
    return { state: "depends", reason: `${action.name} has no action.yml yet; an earlier step may make it` };
  return by;
}

function byCondition({ known }: Walk, text: string | undefined): Verdict {
  if (text === undefined || text.trim() === "") return { state: "runs", reason: "" };
  const shown = text.trim().replaceAll(/\s+/gu, " ");
  const contexts = Object.keys(known);
  const isKnown = check(text, { contexts, functions: STATUS, isCondition: true }).length === 0;
  if (!isKnown) return { state: "depends", reason: `if ${shown}` };
  const status = { success: () => true, failure: () => false, cancelled: () => false };
  try {
    if (condition(text, { contexts: known, status })) return { state: "runs", reason: "" };
    if (/\b(?:failure|cancelled)\s*\(/iu.test(text)) return { state: "depends", reason: `if ${shown}` };
    return { state: "skipped", reason: `its condition is false: ${shown}` };
  } catch (error) {
    if (error instanceof ExpressionError)
      return { state: "depends", reason: `if ${shown} (${error.message})` };
    throw error;
  }
}

function nameOf(step: PlanStep): string {
  const [line = ""] = (step.kind === "run" ? step.run.trim() : "").split("\n");
  const ids = step.kind === "wait" || step.kind === "cancel" ? ` ${step.ids.join(", ")}` : "";
  const otherwise =
    step.kind === "uses" ? step.uses : step.kind === "run" ? `Run ${line}` : `${step.kind}${ids}`;
  return (step.name ?? otherwise).trim().slice(0, MAX_NAME_CHARS);
}
