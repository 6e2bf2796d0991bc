import { condition } from "../expressions/condition.ts";
import { ExpressionError } from "../expressions/expression-error.ts";
import { fillValue } from "../expressions/fill.ts";
import type { YamlMap } from "../plan.ts";
import type { JobModel } from "./model.ts";
import { expandStrategy, type Leg } from "./matrix.ts";
import { needsContext, statusOf } from "./ancestors.ts";
import type { JobsState, JobStart } from "./types.ts";

/** Contexts that every expression of a job may see before it starts. */
export type Given = { readonly github: YamlMap; readonly vars: YamlMap; readonly inputs: YamlMap };

export type Starting = {
  readonly model: JobModel;
  readonly given: Given;
  /** Direct needs: their ids in the file and in the plan. */
  readonly needs: readonly { readonly id: string; readonly full: string }[];
  readonly ancestors: readonly string[];
};

type Made<L> = { readonly kind: "legs"; readonly legs: readonly L[] } | Extract<JobStart, { kind: "failed" }>;

/**
 * Whether a job runs, and its matrix; `make` turns a leg into what is to be done. An expression that fails, or a matrix of nothing, fails
 * the job, as on GitHub.
 */
export function startJob<L>(
  { model, given, needs, ancestors }: Starting,
  state: JobsState,
  make: (leg: Leg, needs: YamlMap) => L | { readonly fault: string },
):
  | Extract<JobStart, { kind: "skipped" | "failed" }>
  | (Made<L> & { readonly kind: "legs"; readonly failFast: boolean }) {
  const contexts = { ...given, needs: needsContext(needs, state.ended) };
  try {
    if (!condition(model.if, { contexts, status: statusOf(ancestors, state) }))
      return { kind: "skipped", reason: whySkipped(model, ancestors, state) };
    const written = model.strategy;
    const expanded = expandStrategy(written === undefined ? undefined : fillValue(written, { contexts }));
    if (expanded.kind === "fault")
      return { kind: "failed", reason: `${expanded.message} ${expanded.hint}`.trim() };
    const legs: L[] = [];
    for (const leg of expanded.legs) {
      const made = make(leg, contexts.needs);
      if (isFault(made)) return { kind: "failed", reason: made.fault };
      legs.push(made);
    }
    return { kind: "legs", failFast: expanded.failFast, legs };
  } catch (error) {
    if (error instanceof ExpressionError) return { kind: "failed", reason: error.message };
    throw error;
  }
}

function whySkipped(model: JobModel, ancestors: readonly string[], state: JobsState): string {
  if (state.cancelled) return "the run was cancelled";
  const bad = ancestors.find((id) => state.ended.get(id)?.result !== "success");
  if (bad !== undefined && !statusOf(ancestors, state).success())
    return `the job ${bad} it waits for ended with ${state.ended.get(bad)?.result ?? "nothing"}`;
  return `its condition is false: ${(model.if ?? "").trim().slice(0, 200)}`;
}

function isFault(made: unknown): made is { readonly fault: string } {
  return typeof made === "object" && made !== null && "fault" in made;
}
