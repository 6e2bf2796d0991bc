import { existsSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Masker } from "../../runner-bootstrap/boxd/mask/masker.ts";
import { runJob } from "../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import { openDocker } from "../../runner-bootstrap/boxd/steps/docker/open.ts";
import type { EngineHost, JobResult } from "../../runner-bootstrap/boxd/steps/host.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { RunningServices } from "../../runner-bootstrap/boxd/steps/services/services.ts";
import { cacheScopes } from "../../runner-bootstrap/boxd/steps/services/scopes.ts";
import type { Store } from "../../runner-bootstrap/boxd/steps/services/store.ts";
import type { Clock } from "../clock.ts";
import type { LegPlan } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import { removeJobDir } from "./job-home.ts";
import { createLocalHost, type Said } from "./local-host.ts";
import type { Run } from "./open-run.ts";
import type { RepositoryFacts } from "./repository-facts.ts";

export type LegDeps = {
  /** Each job gets a directory of its own in the run's. */
  readonly run: Run;
  /** The unpacked archives. */
  readonly actions: string;
  readonly toolCache: string;
  /** Without HOME: each job gets one of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Makes a home at a place; answers it. */
  readonly makeHome: (place: string) => string;
  /** The run's: what one job masks is masked in those behind it, too, for they may get it by `needs`. */
  readonly masker: Masker;
  /** Caches outlive the run, artifacts are shared by its jobs. Safe to repeat. */
  readonly store: () => Promise<Store>;
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
    const { run, clock } = deps;
    const { facts } = run;
    // One place for every job, for its path is part of what caches are found by; another only when what was there could not be removed.
    const usual = join(run.dir, "job");
    const dir = existsSync(usual) ? `${usual}-${count}` : usual;
    // As on GitHub: the repository's name twice.
    const workspace = join(dir, "work", facts.name, facts.name);
    mkdirSync(join(dir, "work", facts.name), { recursive: true });
    const hasHome = deps.env["HOME"] !== undefined;
    const host = createLocalHost({
      dir,
      workspace,
      actions: deps.actions,
      toolCache: deps.toolCache,
      env: hasHome ? deps.env : { ...deps.env, HOME: deps.makeHome(join(dir, "home")) },
      masker: deps.masker,
      cancelled,
      now: clock.now,
      say: (said) => deps.say(plan.job, said),
    });
    // A second Ctrl-C ends this process at once: its programs end with it, before the run's directory goes.
    process.prependOnceListener("exit", host.close);
    const coming = usesActions(plan) ? servicesFor(deps, plan, `${plan.job}-${count}`, host) : null;
    try {
      const [services] = await Promise.all([coming, run.copyTo(workspace)]);
      for (const secret of services?.secrets ?? []) host.mask(secret);
      return await runJob(plan, { ...host, services: services?.env ?? {} });
    } finally {
      host.close();
      process.off("exit", host.close);
      await (await coming?.catch(() => null))?.close();
      removeJobDir(dir);
    }
  };
}

/** Scripts are told of no services, as on GitHub. */
function usesActions(plan: JobPlan): boolean {
  return plan.steps.some(({ kind }) => kind !== "run");
}

async function servicesFor(
  { store, run, runId, clock }: LegDeps,
  plan: JobPlan,
  job: string,
  host: EngineHost,
): Promise<RunningServices> {
  const { startServices } = await import("../../runner-bootstrap/boxd/steps/services/services.ts");
  const { facts } = run;
  const address = usesContainers(plan) ? await openDocker(host, job).address(0) : null;
  return startServices({
    store: await store(),
    repository: `${facts.owner}/${facts.name}`,
    run: runId,
    job,
    caches: cachesOf(facts, plan),
    cacheMode: plan.cacheMode,
    ...(address === null ? {} : { address }),
    now: clock.now,
  });
}

/** Then the services have to listen where containers reach this machine. */
function usesContainers(plan: JobPlan): boolean {
  return (
    plan.container !== undefined ||
    Object.values(plan.actions).some(
      ({ source, definition }) => source.kind === "image" || definition?.runs.using === "docker",
    )
  );
}

function cachesOf(facts: RepositoryFacts, plan: JobPlan): ReturnType<typeof cacheScopes> {
  const { ref, base_ref: base } = plan.contexts.github;
  return cacheScopes({
    // A file outside the workspace is kept by its way from there: found from another depth it would be put into a wrong place.
    repository: `${facts.owner}/${facts.name} in ${tmpdir()}`,
    ref: textOf(ref),
    ...(textOf(base) === "" ? {} : { baseRef: `refs/heads/${textOf(base)}` }),
    defaultRef: `refs/heads/${facts.defaultBranch}`,
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
