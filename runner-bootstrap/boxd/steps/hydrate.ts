/** Hydration: one job, run by the step engine, before the command. */

import { join } from "node:path";

import type { OfferedCaches } from "../cache-wire.ts";
import type { Journal } from "../journal.ts";
import type { Masker } from "../mask/masker.ts";
import type { PhaseResult } from "../phases.ts";
import type { StepState } from "../environment.ts";
import type { StoredStepState } from "../step-state.ts";
import { ACTIONS_NODE_MAJOR, type HydratePhase } from "../task.ts";
import type { Units } from "../units.ts";
import { createBoxHost, type BoxHost } from "./box-host.ts";
import type { JobResult } from "./host.ts";
import { makePlaces } from "./places.ts";
import type { JobPlan } from "./plan.ts";
import { createServiceRoom } from "./service-room.ts";
import { linkTools } from "./tool-cache.ts";
import { unpack } from "./unpack.ts";

export type HydrateDeps = {
  /** Where carried actions are read; blobs of the box. */
  readonly blobs: string;
  /** Where cache entries lie that steps restore and save; empty when the task begins. */
  readonly caches: string;
  /** Undefined: no cache and artifact services. */
  readonly offered: OfferedCaches | undefined;
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
  /** Aborted when the task is to end. */
  readonly stopped: AbortSignal;
  readonly graceMs: number;
};

/** Graces that steps have after the task was stopped: one for what runs, one for `always()`; less than the App's margin of a minute. */
const STOP_GRACES = 2;
/** Of the exit record, which is one block. */
const NAME_MAX = 200;
const REASON_MAX = 1_000;
/** Actions that only warn without the services they look for. */
const SERVED_ELSEWHERE = /^actions\/(?:cache|upload-artifact|download-artifact)(?:\/|$)/iu;

/**
 * Runs the job, its posts included. What it set is stored under the plan's fingerprint, when it succeeded. Safe to repeat: what an
 * earlier hydration left of actions and temporary files is removed first.
 */
export async function hydrate(deps: HydrateDeps, phase: HydratePhase): Promise<PhaseResult> {
  deps.forget();
  const { plan, fingerprint } = phase;
  if (plan === null) {
    deps.store({ fingerprint, path: [], env: {} });
    return {};
  }
  const places = makePlaces(deps);
  linkTools(places.toolCache, deps.sandbox().length > 0);
  for (const archive of phase.archives) {
    const fault = await unpack(archive, deps.blobs, join(places.actions, archive.archive), deps.stopped);
    if (deps.stopped.aborted) return { failed: true };
    if (fault !== null) return { failed: true, exit: { why: "hydrate_failed", error: fault } };
  }
  sayLacks(deps.journal, plan, deps.offered !== undefined);
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => over.abort(), STOP_GRACES * deps.graceMs);
  };
  deps.stopped.addEventListener("abort", wait, { once: true });
  const host = createBoxHost({
    ...deps,
    places,
    env: deps.environment({ env: {}, path: [] }),
    sandbox: deps.sandbox(),
    cancelled: deps.stopped,
    over: over.signal,
  });
  const room = createServiceRoom(deps);
  let result: JobResult;
  try {
    result = await room.run(plan, host);
  } finally {
    await room.close();
    host.flush();
    clearTimeout(timer);
    deps.stopped.removeEventListener("abort", wait);
  }
  if (deps.units.isStopped) return { failed: true };
  if (result.conclusion !== "success") return { failed: true, exit: failureOf(host, result) };
  deps.store({ fingerprint, path: result.path, env: withoutSecrets(deps, result.env) });
  return {};
}

function sayLacks(journal: Journal, plan: JobPlan, isServed: boolean): void {
  const names = Object.values(plan.actions).map(({ name }) => name);
  const [major = ""] = process.versions.node.split(".");
  const isOld = Number(major) < ACTIONS_NODE_MAJOR;
  if (
    isOld &&
    Object.values(plan.actions).some(({ definition }) => definition?.runs.using.startsWith("node"))
  )
    journal.event({
      e: "note",
      text: `JavaScript actions run on the box's Node ${process.versions.node}; GitHub has Node ${ACTIONS_NODE_MAJOR} for them.`,
    });
  const served = isServed ? [] : names.filter((name) => SERVED_ELSEWHERE.test(name));
  if (served.length > 0)
    journal.event({
      e: "note",
      text: `This task came without a cache and artifact service: ${[...new Set(served)].join(", ")} can restore and keep nothing.`,
    });
}

function failureOf(host: BoxHost, result: JobResult): NonNullable<PhaseResult["exit"]> {
  const step = result.steps.find(({ conclusion }) => conclusion === "failure");
  if (step === undefined)
    return { why: "hydrate_failed", error: `the job's conclusion is ${result.conclusion}` };
  const { message = "the step failed", code } = host.reasonOf(step.n);
  return {
    why: "hydrate_failed",
    step: step.name.slice(0, NAME_MAX).toWellFormed(),
    error: message.slice(0, REASON_MAX).toWellFormed(),
    ...(code === undefined ? {} : { code }),
  };
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
