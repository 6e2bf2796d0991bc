import type { HydratePhase } from "../task.ts";
import { JOB_PLAN_VERSION, type Place } from "./plan.ts";
import type { ScriptPhase } from "./script-phase.ts";

const PLACE: Place = { path: "", line: 1, column: 1 };
const MS_PER_MINUTE = 60_000;

/** Scripts alone as the plan of a job, for an App that still sends them. */
export function planOfScripts(phase: ScriptPhase): HydratePhase {
  return {
    fingerprint: phase.fingerprint,
    archives: [],
    plan: {
      v: JOB_PLAN_VERSION,
      job: "hydrate",
      name: "hydrate",
      workflow: { name: "", path: "" },
      contexts: { github: {}, vars: {}, secrets: {}, inputs: {}, matrix: null, strategy: {}, needs: {} },
      env: [],
      defaults: {},
      steps: phase.steps.map(({ name, run, shell, workingDirectory, env, timeoutMs }) => ({
        kind: "run",
        name,
        run,
        shell,
        workingDirectory,
        env,
        timeoutMinutes: timeoutMs / MS_PER_MINUTE,
        place: PLACE,
      })),
      actions: {},
      outputs: {},
      services: {},
      synced: { repository: "", sha: "", submodules: false, lfs: false },
    },
  };
}
