/** Plans for the engine's tests, with all that a test does not care about filled in. */

import type {
  ActionDefinition,
  ActionStep,
  JobPlan,
  PlanAction,
  PlanStep,
} from "../../../runner-bootstrap/boxd/steps/plan.ts";

export const SHA = "0123456789abcdef0123456789abcdef01234567";

const place = { path: ".github/workflows/ci.yml", line: 1, column: 1 };

type Rest = Partial<Omit<PlanStep, "kind">> & {
  readonly shell?: string;
  readonly workingDirectory?: string;
};

export function run(script: string, rest: Rest = {}): PlanStep {
  return { kind: "run", run: script, env: {}, place, ...rest };
}

export function uses(action: string, given: Record<string, string> = {}, rest: Rest = {}): PlanStep {
  return { kind: "uses", uses: action, action, with: given, env: {}, place, ...rest };
}

export function control(kind: "wait" | "cancel", ids: readonly string[], rest: Rest = {}): PlanStep {
  return { kind, ids, env: {}, place, ...rest };
}

export function parallel(steps: readonly PlanStep[], rest: Rest = {}): PlanStep {
  return { kind: "parallel", steps, env: {}, place, ...rest };
}

/** An action carried to the box in the directory `archive`. */
export function carried(name: string, archive: string, definition: Partial<ActionDefinition>): PlanAction {
  return {
    name,
    ref: "v1",
    sha: SHA,
    source: { kind: "archive", archive, path: "" },
    definition: { name, inputs: {}, outputs: {}, runs: { using: "composite", steps: [] }, ...definition },
  };
}

export function composite(steps: readonly ActionStep[]): ActionDefinition["runs"] {
  return { using: "composite", steps };
}

export function planOf(steps: readonly PlanStep[], over: Partial<JobPlan> = {}): JobPlan {
  return {
    v: 1,
    job: "build",
    name: "build",
    workflow: { name: "CI", path: ".github/workflows/ci.yml" },
    contexts: {
      github: {
        repository: "octo/repo",
        repository_owner: "octo",
        sha: SHA,
        ref: "refs/heads/main",
        ref_name: "main",
        event_name: "push",
        event: { head_commit: { message: "hi" } },
        token: "ghs_token",
        actor: "octocat",
        workflow: "CI",
        job: "build",
        run_id: "7",
        server_url: "https://github.com",
        ref_protected: false,
      },
      vars: {},
      secrets: {},
      inputs: {},
      matrix: null,
      strategy: {},
      needs: {},
    },
    env: [],
    defaults: {},
    steps,
    actions: {},
    outputs: {},
    services: {},
    synced: { repository: "octo/repo", sha: SHA, submodules: false, lfs: false },
    ...over,
  };
}
