import type {
  ActionDefinition,
  Place,
  PlanAction,
  PlanStep,
} from "../../../runner-bootstrap/boxd/steps/plan.ts";
import type { StepModel } from "../../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { codelessCheckout, isAnsweredCheckout } from "./checkout.ts";
import { locateAction, type Finding } from "./locate-action.ts";
import type { Pins } from "./pins.ts";
import type { Lack } from "../../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { Archive, Home } from "./types.ts";
import { parseUses } from "./uses.ts";

/** Actions nested in one another (actions/runner Constants.cs, CompositeActionsMaxDepth: 9 below the job's own step). */
const MAX_NESTED = 10;
/** Different actions of one job; the largest known job has 40. */
const MAX_ACTIONS = 500;

export type ResolvedSteps = {
  readonly steps: readonly PlanStep[];
  readonly actions: Readonly<Record<string, PlanAction>>;
  readonly archives: readonly Archive[];
  readonly lacks: readonly Lack[];
};

type Around = { readonly home: Home; readonly chain: readonly string[] };

type Work = Finding & {
  readonly pins: Pins;
  readonly actions: Map<string, PlanAction>;
  /** How deep the actions below one are nested. */
  readonly heights: Map<string, number>;
  readonly lacks: Lack[];
};

/**
 * The steps of a job with the key of every action they use, all actions they lead to, and what cannot be had. A step whose action
 * cannot be had keeps `action: ""`.
 */
export async function resolveActions(
  pins: Pins,
  steps: readonly StepModel[],
  { home, ownArchive }: { readonly home: Home; readonly ownArchive: string | null },
): Promise<ResolvedSteps> {
  const work: Work = {
    pins,
    ownArchive,
    actions: new Map(),
    heights: new Map(),
    archives: new Map(),
    lacks: [],
  };
  // Asked for all at once; the plan is made in order, so that the same workflow makes the same plan.
  // What fails is asked for again, and told, where it is needed.
  await Promise.allSettled(steps.map((step) => warm(pins, step)));
  const planned: PlanStep[] = [];
  for (const step of steps) planned.push(await planStep(work, step, { home, chain: [] }));
  return {
    steps: planned,
    actions: Object.fromEntries(work.actions),
    archives: [...work.archives.values()],
    lacks: work.lacks,
  };
}

async function warm(pins: Pins, step: StepModel): Promise<void> {
  if (step.kind === "parallel") await Promise.all(step.steps.map((inner) => warm(pins, inner)));
  if (step.kind !== "uses") return;
  const use = parseUses(step.uses);
  if (use.kind !== "remote") return;
  const found = await pins.resolve(use.nwo, use.ref);
  if (found.kind === "commit") await pins.action({ kind: "remote", nwo: use.nwo, sha: found.sha }, use.path);
}

async function planStep(work: Work, step: StepModel, around: Around): Promise<PlanStep> {
  if (step.kind === "parallel") {
    const steps: PlanStep[] = [];
    for (const inner of step.steps) steps.push(await planStep(work, inner, around));
    return { ...step, steps };
  }
  if (step.kind !== "uses") return step;
  const { usesPlace, ...kept } = step;
  const before = work.lacks.length;
  const isAnswered = isAnsweredCheckout(step);
  const action = await takeAction(work, { uses: step.uses, place: usesPlace }, around).catch(
    (thrown: unknown) => {
      if (isAnswered) return null;
      throw thrown;
    },
  );
  if (action !== null || !isAnswered) return { ...kept, action: action ?? "" };
  // Its code is not needed, so its absence is no more than a note.
  const [lack] = work.lacks.splice(before);
  if (lack !== undefined) work.lacks.push({ ...lack, level: "note" });
  const key = `answered:${step.uses}`;
  work.actions.set(key, codelessCheckout(step.uses));
  return { ...kept, action: key };
}

async function takeAction(
  work: Work,
  { uses, place }: { readonly uses: string; readonly place: Place },
  around: Around,
): Promise<string | null> {
  const lack = (reason: string): null => {
    const through = around.chain.length === 0 ? "" : ` (used by ${around.chain.join(", by ")})`;
    work.lacks.push({
      level: "stop",
      about: "action",
      name: uses,
      reason: `${uses} ${reason}${through}.`,
      place,
    });
    return null;
  };
  const use = parseUses(uses);
  if (use.kind === "fault") return lack(use.reason);
  const located = await locateAction(work, use, around.home);
  if ("reason" in located) return lack(located.reason);
  const { key, action, home, path } = located;
  if (around.chain.includes(key)) return lack("uses itself");
  if (around.chain.length + 1 + (work.heights.get(key) ?? 0) > MAX_NESTED)
    return lack(`is nested deeper than ${MAX_NESTED} actions`);
  if (work.actions.has(key)) return key;
  if (work.actions.size >= MAX_ACTIONS) return lack(`is one more than the ${MAX_ACTIONS} actions of a job`);
  if (home === null) {
    work.actions.set(key, action);
    return key;
  }
  const read = await work.pins.action(home, path);
  if (read.kind === "absent" && use.kind === "local") {
    // An earlier step may make it: checkout of another repository, a download.
    work.actions.set(key, action);
    return key;
  }
  if (read.kind !== "action") return lack(read.reason);
  const definition = await fillSteps(work, read.definition, { home, chain: [...around.chain, key] });
  work.actions.set(key, { ...action, definition });
  return key;
}

/** A composite's own actions, one after the other: each may find what the one before it brought. */
async function fillSteps(
  work: Work,
  definition: ActionDefinition,
  around: Around,
): Promise<ActionDefinition> {
  const { runs } = definition;
  if (runs.using !== "composite") return definition;
  const steps: PlanStep[] = [];
  let height = 0;
  for (const step of runs.steps) {
    if (step.kind !== "uses") steps.push(step);
    else {
      const action = await takeAction(work, step, around);
      if (action !== null) height = Math.max(height, 1 + (work.heights.get(action) ?? 0));
      steps.push({ ...step, action: action ?? "" });
    }
  }
  work.heights.set(around.chain.at(-1) ?? "", height);
  return { ...definition, runs: { using: "composite", steps } };
}
