import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { createMasker } from "../../runner-bootstrap/boxd/mask/masker.ts";
import { createFileStore } from "../../runner-bootstrap/boxd/steps/services/file-store/file-store.ts";
import type { Store } from "../../runner-bootstrap/boxd/steps/services/store.ts";
import type { ActionSource } from "../hydrate/action-source.ts";
import type { Archive } from "../hydrate/plan/types.ts";
import type { Clock } from "../clock.ts";
import { cargoHome } from "./cargo-home.ts";
import { checkHomeFiles, makeJobHome, toolHomes } from "./job-home.ts";
import type { JobOptions } from "./options.ts";
import { openCache } from "./open-cache.ts";
import { openSource } from "./open-source.ts";
import { planOne } from "./plan-one.ts";
import type { Run } from "./open-run.ts";
import { leftOut, runJobs, type JobsDeps } from "../../runner-bootstrap/boxd/steps/jobs/run-jobs.ts";
import { AppError } from "../errors.ts";
import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import { allowedHint } from "../hydrate/read/complain.ts";
import { chooseLegs } from "../../runner-bootstrap/boxd/steps/jobs/matrix-choice.ts";
import { createRunLeg } from "./run-leg.ts";
import { selectWorkflows } from "./select-workflows.ts";
import { stepEnvironment } from "./step-environment.ts";
import type { Teller } from "./tell.ts";
import { tellMasked } from "./tell-masked.ts";

export type RunDeps = {
  readonly clock: Clock;
  readonly teller: Teller;
  /** The person's own environment. */
  readonly environment: NodeJS.ProcessEnv;
  /** Aborted when the person ends it. */
  readonly cancelled: AbortSignal;
};

/**
 * `crabbox-app job`: runs what was asked for and tells it; true when every job succeeded or was skipped. Throws `AppError` for what
 * cannot be started at all: no such workflow or job, faults in a file.
 */
export async function runWorkflows(deps: RunDeps, run: Run, options: JobOptions): Promise<boolean> {
  const { facts, dir } = run;
  const masker = createMasker();
  masker.add(Object.values(options.secrets));
  const teller = tellMasked(deps.teller, masker.text);
  const { workflows, faulty, warnings } = selectWorkflows(facts, options);
  for (const warning of warnings) teller.note(warning);
  for (const fault of faulty) teller.note(`Not run: ${fault}`);
  checkHomeFiles(deps.environment, options.homeFiles);
  const cache = openCache(deps.environment);
  const source = openSource(options.githubRoot, cache, teller.note);
  const actions = made(join(dir, "actions"));
  const store = openedOnce(() => createFileStore({ root: join(cache, "services"), now: deps.clock.now }));
  let isGood = faulty.length === 0;
  try {
    const carried = new Set<string>();
    const unmet = new Set(Object.keys(options.matrix));
    const planAndCarry = async (workflow: WorkflowModel) => {
      const planned = await planOne(
        { source, facts, options, path: deps.environment["PATH"] ?? "" },
        workflow,
      );
      await carry(source, planned.plan.archives, { actions, carried });
      return planned;
    };
    for (const workflow of workflows) {
      if (deps.cancelled.aborted) return false;
      const planned = await planAndCarry(workflow).catch((thrown: unknown) => {
        // Of several each stands for itself, as on GitHub.
        if (workflows.length === 1 || !(thrown instanceof AppError)) throw thrown;
        teller.note(`Not run: ${workflow.path}: ${thrown.message} ${thrown.hint}`);
        return null;
      });
      if (planned === null) {
        isGood = false;
        continue;
      }
      const { jobs, runId } = planned;
      const runLeg = createRunLeg({
        run,
        actions,
        toolCache: toolCache(deps.environment, cache),
        env: stepEnvironment(
          deps.environment,
          {
            ...(options.home ? {} : toolHomes(deps.environment)),
            ...cargoHome(deps.environment, cache),
            ...gitOf(options.githubRoot),
            ...options.env,
          },
          { hasHome: options.home },
        ),
        makeHome: (place) => makeJobHome(place, deps.environment, options.homeFiles),
        masker,
        store: store.open,
        runId,
        clock: deps.clock,
        say: teller.said,
      });
      const { cancelled } = deps;
      const ended = await runJobs(
        { teller, runLeg, choose: byMatrix(options.matrix, unmet), cancelled },
        jobs,
        leftOut(jobs),
      );
      isGood &&= [...ended.values()].every(({ result }) => result === "success" || result === "skipped");
    }
    for (const key of unmet) teller.note(`--matrix ${key}: no job that ran has it in its matrix.`);
    return isGood && unmet.size === 0 && !deps.cancelled.aborted;
  } finally {
    await store.close();
  }
}

/** Values of `--matrix` count for the jobs whose matrix has such a key; those that no job has stay in `unmet`. */
function byMatrix(matrix: JobOptions["matrix"], unmet: Set<string>): JobsDeps["choose"] {
  return (_job, legs) => {
    const keys = new Set(
      legs.flatMap((leg) => Object.keys(leg.matrix ?? {})).map((key) => key.toLowerCase()),
    );
    const wanted = Object.entries(matrix).filter(([key]) => keys.has(key.toLowerCase()));
    for (const [key] of wanted) unmet.delete(key);
    return chooseLegs(legs, Object.fromEntries(wanted), allowedHint);
  };
}

/** With mirrors, git finds them where an action asks for https://github.com; actions/checkout leaves this alone. */
function gitOf(githubRoot: string | null): Readonly<Record<string, string>> {
  if (githubRoot === null) return {};
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `url.${pathToFileURL(resolve(githubRoot)).href}/.insteadOf`,
    GIT_CONFIG_VALUE_0: "https://github.com/",
  };
}

async function carry(
  source: ActionSource,
  archives: readonly Archive[],
  to: { readonly actions: string; readonly carried: Set<string> },
): Promise<void> {
  const missing = archives.filter(({ archive }) => !to.carried.has(archive));
  await Promise.all(
    missing.map(async ({ archive, nwo, sha }) => {
      to.carried.add(archive);
      await source.unpack(nwo, sha, join(to.actions, archive));
    }),
  );
}

/** Where hosted runners have it, when somebody laid one out; else our own, so that what setup actions fetch is kept. */
function toolCache(environment: NodeJS.ProcessEnv, cache: string): string {
  return environment["RUNNER_TOOL_CACHE"] ?? environment["AGENT_TOOLSDIRECTORY"] ?? join(cache, "tool-cache");
}

/** Most jobs have scripts alone, which need none. */
function openedOnce(make: () => Promise<Store>): { open(): Promise<Store>; close(): Promise<void> } {
  let opened: Promise<Store> | null = null;
  return {
    open: () => (opened ??= make()),
    close: async () => (await opened)?.close(),
  };
}

function made(dir: string): string {
  mkdirSync(dir, { recursive: true });
  return dir;
}
