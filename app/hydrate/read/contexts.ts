import type { Contexts } from "./shape.ts";

/**
 * Which contexts and functions each place of a workflow may use: GitHub's schema (actions/languageservices, workflow-v1.0.json), which is
 * its page "Contexts reference" with the functions' argument counts.
 */

const RUN = ["github", "inputs", "vars"];
const JOB = [...RUN, "needs", "strategy", "matrix"];
const BOX = [...JOB, "steps", "job", "runner", "env"];
const STATUS = ["always(0,0)", "cancelled(0,0)"];
const HASH_FILES = "hashFiles(1,255)";

export const RUN_CONTEXTS: Contexts = { contexts: RUN };
export const WORKFLOW_ENV: Contexts = { contexts: [...RUN, "secrets"] };
export const CALL_OUTPUTS: Contexts = { contexts: [...RUN, "jobs"] };
export const STRATEGY: Contexts = { contexts: [...RUN, "needs"] };
export const JOB_IF: Contexts = {
  contexts: [...RUN, "needs"],
  functions: [...STATUS, "failure(0,MAX)", "success(0,MAX)"],
};
export const JOB_CONTEXTS: Contexts = { contexts: JOB };
export const JOB_SECRETS: Contexts = { contexts: [...JOB, "secrets"] };
export const JOB_DEFAULTS: Contexts = { contexts: [...JOB, "env"] };
export const CREDENTIALS: Contexts = { contexts: [...RUN, "secrets", "env"] };
/** What the runner evaluates at the job's start or end. */
export const RUNNER: Contexts = { contexts: [...BOX, "secrets"] };
export const RUNNER_NO_SECRETS: Contexts = { contexts: BOX };
export const STEP: Contexts = { contexts: [...BOX, "secrets"], functions: [HASH_FILES] };
export const STEP_IF: Contexts = {
  contexts: BOX,
  functions: [...STATUS, "failure(0,0)", "success(0,0)", HASH_FILES],
};
