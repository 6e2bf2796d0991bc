/** Jobs run by the step engine: before the command as hydration, or in its stead. */

import type { WantedArtifacts } from "../artifact-wire.ts";
import type { ArtifactQuota } from "../artifacts/quota.ts";
import type { OfferedCaches } from "../cache-wire.ts";
import { withGiven, type Given } from "../given.ts";
import type { Journal } from "../journal.ts";
import type { Masker } from "../mask/masker.ts";
import type { PhaseResult } from "../phases.ts";
import type { StepState } from "../environment.ts";
import type { StoredStepState } from "../step-state.ts";
import { ACTIONS_NODE_MAJOR, type ActionArchive, type HydratePhase, type JobPhase } from "../task.ts";
import type { Units } from "../units.ts";
import type { Failure } from "./failure.ts";
import type { EngineHost } from "./host.ts";
import type { JobsPlan } from "./jobs/types.ts";
import { actionsIn, areRunByNode } from "./node-actions.ts";
import type { JobPlan } from "./plan.ts";
import { runPlans } from "./run-plans.ts";

export type HydrateDeps = {
  /** Where carried actions are read; blobs of the box. */
  readonly blobs: string;
  /** Where cache entries lie that steps restore and save; empty when the task begins. */
  readonly caches: string;
  /** Undefined: no cache and artifact services. */
  readonly offered: OfferedCaches | undefined;
  /** Where artifacts lie that steps uploaded, for the App; `wanted` undefined: it takes none. */
  readonly artifacts: string;
  readonly wanted: WantedArtifacts | undefined;
  readonly quota: ArtifactQuota;
  /** The repository's place for actions and their temporary files; kept with the box. */
  readonly place: string;
  readonly tools: string;
  readonly home: string;
  readonly tmp: string;
  readonly tree: string;
  readonly units: Units;
  readonly journal: Journal;
  readonly masker: Masker;
  readonly environment: (state: StepState) => Record<string, string>;
  readonly sandbox: () => string[];
  readonly store: (state: StoredStepState) => void;
  readonly forget: () => void;
  readonly isRefusedName: (name: string) => boolean;
  /** The label of the task's containers, and who is told before there are any. */
  readonly containers: NonNullable<EngineHost["containers"]>;
  /** Aborted when the task is to end. */
  readonly stopped: AbortSignal;
  readonly graceMs: number;
  /** Brings the work tree back to the commit, nothing of earlier jobs left in it; answers why it cannot. */
  readonly freshTree: () => Promise<string | null>;
};

/** Actions that only warn without the services they look for. */
const SERVED_ELSEWHERE = /^actions\/(?:cache|upload-artifact|download-artifact)(?:\/|$)/iu;

/**
 * Runs the job, its posts included, behind those it needs. What it set is stored under the plan's fingerprint, when it succeeded. Safe to
 * repeat: what an earlier hydration left of actions and temporary files is removed first.
 */
export async function hydrate(deps: HydrateDeps, phase: HydratePhase, given?: Given): Promise<PhaseResult> {
  deps.forget();
  const { fingerprint } = phase;
  const what = phase.jobs ?? phase.plan;
  if (what === null) {
    deps.store({ fingerprint, path: [], env: {} });
    return {};
  }
  sayLacks(deps, what, phase.archives);
  const ran = await runPlans(deps, phase.archives, withGiven(what, given), { leavesServices: true });
  if (ran.kind === "stopped") return { failed: true };
  if (ran.kind === "fault") return { failed: true, exit: { why: "hydrate_failed", error: ran.error } };
  const { result, failure } = ran;
  // Skipped for a condition of its own, it prepares nothing; skipped for a needed job that failed, it is not had.
  const isDone = result.conclusion === "success" || (result.conclusion === "skipped" && !isNeeded(failure));
  if (!isDone) return { failed: true, exit: { why: "hydrate_failed", ...failure } };
  deps.store({ fingerprint, path: result.path, env: withoutSecrets(deps, result.env) });
  return {};
}

/**
 * Starts the services of a hydration that the box holds already, for the command that comes now; `plan` has no steps. What the hydration
 * left stays as it is, also when a service cannot be started. Nothing may be left of them from an earlier task: what is, is removed first.
 */
export async function startServices(deps: HydrateDeps, plan: JobPlan, given?: Given): Promise<PhaseResult> {
  const ran = await runPlans(deps, [], withGiven(plan, given), { leavesServices: true, isKept: true });
  if (ran.kind === "stopped") return { failed: true };
  if (ran.kind === "fault") return { failed: true, exit: { why: "hydrate_failed", error: ran.error } };
  const { result, failure } = ran;
  if (result.conclusion === "success") return { detail: "already hydrated; services started" };
  return { failed: true, exit: { why: "hydrate_failed", ...failure } };
}

export { removeTaskContainers } from "./docker/left.ts";

/**
 * Runs a whole job in a command's stead, behind those it needs; `begin` is awaited right before the first step. What it set is for nobody
 * after it, and what an earlier hydration set no longer applies.
 */
export async function wholeJob(
  deps: HydrateDeps,
  { job, given }: { readonly job: JobPhase; readonly given: Given | undefined },
  begin: () => Promise<void>,
): Promise<PhaseResult> {
  const { jobs, archives } = job;
  deps.forget();
  sayLacks(deps, jobs, archives);
  const ran = await runPlans(deps, archives, withGiven(jobs, given), { begin });
  if (ran.kind === "stopped") return { failed: true };
  if (ran.kind === "fault") return { failed: true, exit: { conclusion: "failure", error: ran.error } };
  const { result, failure } = ran;
  const { conclusion } = result;
  if (conclusion === "success") return { exit: { conclusion, code: 0 } };
  return { failed: conclusion !== "skipped" || isNeeded(failure), exit: { conclusion, ...failure } };
}

function isNeeded(failure: Failure | null): boolean {
  return failure?.job !== undefined;
}

function sayLacks(
  { journal, offered }: Pick<HydrateDeps, "journal" | "offered">,
  what: JobPlan | JobsPlan,
  archives: readonly ActionArchive[],
): void {
  const actions = actionsIn(what);
  const names = actions.map(({ name }) => name);
  const [major = ""] = process.versions.node.split(".");
  const isOld = Number(major) < ACTIONS_NODE_MAJOR;
  if (isOld && areRunByNode(actions, archives))
    journal.event({
      e: "note",
      text: `JavaScript actions run on the box's Node ${process.versions.node}; GitHub has Node ${ACTIONS_NODE_MAJOR} for them.`,
    });
  const served = offered !== undefined ? [] : names.filter((name) => SERVED_ELSEWHERE.test(name));
  if (served.length > 0)
    journal.event({
      e: "note",
      text: `This task came without a cache and artifact service: ${[...new Set(served)].join(", ")} can restore and keep nothing.`,
    });
}

function withoutSecrets(deps: HydrateDeps, env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(([, value]) => !deps.masker.finds(value));
  const dropped = Object.keys(env).filter((name) => !kept.some(([other]) => other === name));
  if (dropped.length > 0)
    deps.journal.event({
      e: "note",
      text: `not kept for later runs, because a secret is in it: ${dropped.join(", ")}`,
    });
  return Object.fromEntries(kept);
}
