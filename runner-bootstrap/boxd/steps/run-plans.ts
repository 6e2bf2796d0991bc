/** A job, or several one after the other, run by the step engine on a box. */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { ActionArchive } from "../task.ts";
import { createBoxHost, type BoxHost } from "./box-host.ts";
import { failureOf, type Failure } from "./failure.ts";
import type { JobResult } from "./host.ts";
import type { JobOptions } from "./engine/run-job.ts";
import type { HydrateDeps } from "./hydrate.ts";
import { imageEnvironment } from "./image-os.ts";
import type { JobsPlan } from "./jobs/types.ts";
import { makePlaces } from "./places.ts";
import type { JobPlan } from "./plan.ts";
import { createServiceRoom, type ServiceRoom } from "./service-room.ts";
import { runAll } from "./run-all.ts";
import { linkTools } from "./tool-cache.ts";
import { unpack } from "./unpack.ts";

export type Ran =
  /** The task is being ended. */
  | { readonly kind: "stopped" }
  /** Nothing ran: an archive is not what it should be. */
  | { readonly kind: "fault"; readonly error: string }
  | { readonly kind: "ran"; readonly result: JobResult; readonly failure: Failure | null };

/** Graces that steps have after the task was stopped: one for what runs, one for `always()`; less than the App's margin of a minute. */
const STOP_GRACES = 2;

export type RunOptions = {
  /** Awaited right before the first step. */
  readonly begin?: () => Promise<void>;
  /** Services of the job that is meant live on when it ended well. */
  readonly leavesServices?: boolean;
  /** What an earlier hydration left of actions and temporary files stays. */
  readonly isKept?: boolean;
};

/**
 * Unpacks what the actions are run from, then runs the job or jobs, posts included. Safe to repeat: what an earlier one left of actions
 * and temporary files is removed first, unless it is to be kept.
 */
export async function runPlans(
  deps: HydrateDeps,
  archives: readonly ActionArchive[],
  what: JobPlan | JobsPlan,
  { begin = async () => undefined, leavesServices = false, isKept = false }: RunOptions = {},
): Promise<Ran> {
  const places = makePlaces({ ...deps, isKept });
  linkTools(places.toolCache, deps.sandbox().length > 0);
  for (const archive of archives) {
    const fault = await unpack(archive, deps.blobs, join(places.actions, archive.archive), deps.stopped);
    if (deps.stopped.aborted) return { kind: "stopped" };
    if (fault !== null) return { kind: "fault", error: fault };
  }
  const over = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    timer = setTimeout(() => over.abort(), STOP_GRACES * deps.graceMs);
  };
  deps.stopped.addEventListener("abort", wait, { once: true });
  const host = createBoxHost({
    ...deps,
    places,
    env: { ...imageEnvironment(), ...deps.environment({ env: {}, path: [] }) },
    sandbox: deps.sandbox(),
    cancelled: deps.stopped,
    over: over.signal,
  });
  const renew = async (): Promise<string | null> => {
    for (const dir of [places.temp, places.files]) {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    }
    return deps.freshTree();
  };
  const room = createServiceRoom(deps);
  try {
    await begin();
    const { result, failure } =
      "target" in what
        ? await runAll({ host, room, stopped: deps.stopped, renew, options: { leavesServices } }, what)
        : await runOnly(host, room, what, { leavesServices });
    return deps.units.isStopped ? { kind: "stopped" } : { kind: "ran", result, failure };
  } finally {
    await room.close();
    host.flush();
    clearTimeout(timer);
    deps.stopped.removeEventListener("abort", wait);
  }
}

async function runOnly(
  host: BoxHost,
  room: ServiceRoom,
  plan: JobPlan,
  options: JobOptions,
): Promise<{ readonly result: JobResult; readonly failure: Failure | null }> {
  const result = await room.run(plan, host, options);
  return { result, failure: failureOf(host, result, 0) };
}
