import { mkdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runJob } from "../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import type { JobResult } from "../../runner-bootstrap/boxd/steps/host.ts";
import { startServices } from "../../runner-bootstrap/boxd/steps/services/services.ts";
import { cacheScopes } from "../../runner-bootstrap/boxd/steps/services/scopes.ts";
import type { Store } from "../../runner-bootstrap/boxd/steps/services/store.ts";
import type { Clock } from "../clock.ts";
import type { LegPlan } from "../hydrate/plan/types.ts";
import { createLocalHost, type Said } from "./local-host.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import { copyWorkingTree } from "./working-copy.ts";

export type LegDeps = {
  readonly facts: RepositoryFacts;
  /** This run's own directory; each job gets one of its own in it. */
  readonly dir: string;
  /** The unpacked archives. */
  readonly actions: string;
  readonly toolCache: string;
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Caches outlive the run, artifacts are shared by its jobs. */
  readonly store: Store;
  readonly runId: string;
  readonly clock: Pick<Clock, "now">;
  readonly say: (job: string, said: Said) => void;
};

/**
 * Runs one job on this machine in a copy of the working tree, with the services that real actions look for; nothing of it is left
 * running, and its directory is removed.
 */
export function createRunLeg(deps: LegDeps): (leg: LegPlan, cancelled: AbortSignal) => Promise<JobResult> {
  let count = 0;
  return async ({ plan }, cancelled) => {
    count += 1;
    const { facts, clock } = deps;
    const dir = join(deps.dir, `job-${count}`);
    // As on GitHub: the repository's name twice.
    const workspace = join(dir, "work", facts.name, facts.name);
    mkdirSync(join(dir, "work", facts.name), { recursive: true });
    await copyWorkingTree(facts.root, workspace);
    const { github } = plan.contexts;
    const services = await startServices({
      store: deps.store,
      repository: `${facts.owner}/${facts.name}`,
      run: deps.runId,
      job: `${plan.job}-${count}`,
      caches: cacheScopes({
        repository: `${facts.owner}/${facts.name}`,
        ref: textOf(github["ref"]),
        ...(github["base_ref"] === "" ? {} : { baseRef: `refs/heads/${textOf(github["base_ref"])}` }),
        defaultRef: `refs/heads/${facts.defaultBranch}`,
      }),
      now: clock.now,
    });
    const host = createLocalHost({
      dir,
      workspace,
      actions: deps.actions,
      toolCache: deps.toolCache,
      env: deps.env,
      services: services.env,
      secrets: [...Object.values(deps.secrets), ...services.secrets],
      cancelled,
      now: clock.now,
      say: (said) => deps.say(plan.job, said),
    });
    try {
      return await runJob(plan, host);
    } finally {
      host.close();
      await services.close();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    }
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
