import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import { TASK_VERSION } from "../../runner-bootstrap/boxd/task.ts";
import type { HydratePhase, JobPhase, Task } from "../../runner-bootstrap/boxd/task.ts";
import type { ProviderCapabilities } from "../../providers/provider.ts";
import { servicesAgain } from "../hydrate/living-services.ts";
import type { Attempt, Box, Lease, Repository, Run } from "../store/rows.ts";

/** Time kept between a task's deadline and its lease's end, for ending processes and reading the rest of the log. */
export const LEASE_MARGIN_MS = 60_000;

/** What `clean` spares when no configuration says otherwise (docs/sync.md). */
export const DEFAULT_KEEP = ["node_modules", ".venv", "vendor/bundle", "target"] as const;

const NO_STEPS: HydratePhase = { plan: null, archives: [], fingerprint: "none" };

/** In a box's row while a set-up is at work there, after one that did not end well, and after a whole job: equal to no plan's, so half done never counts. */
export const UNFINISHED = "unfinished";

export type PlanInput = {
  readonly run: Run;
  readonly repository: Repository;
  readonly attempt: Pick<Attempt, "id">;
  readonly lease: Lease;
  readonly box: Box;
  readonly hydrate: HydratePhase | null;
  /** A whole job in the command's stead. */
  readonly job?: JobPhase;
  /** What its steps may have; kept with the task also when the box has had them before: their values are masked. */
  readonly grants?: Grants;
  readonly capabilities: ProviderCapabilities;
  /** GitHub's web base URL, from which git is served. */
  readonly webUrl: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logCapBytes: number;
  readonly now: number;
};

/** The task of one attempt, without its secrets: a pure function of what is stored, so that a restart sends the same. */
export function planTask(input: PlanInput): Omit<Task, "secrets" | "syncToken"> {
  const { run, repository, lease, box, hydrate, job } = input;
  const slug = `${repository.owner}/${repository.name}`;
  // Without set-up steps now, what earlier ones left is taken back by an empty set of them.
  const wanted = hydrate ?? (box.hydrated === null ? null : NO_STEPS);
  const done = wanted !== null && box.hydrated?.fingerprint === wanted.fingerprint;
  const unchanged = (wanted === null || done) && job === undefined;
  return {
    v: TASK_VERSION,
    id: input.attempt.id,
    sync: {
      remote: `${input.webUrl.replace(/\/$/u, "")}/${slug}.git`,
      sha: run.checkoutSha,
      // What another set-up made is not this one's to keep.
      keep: unchanged ? [...DEFAULT_KEEP, ...(run.options.keep ?? [])] : [],
      owner: repository.owner,
      repo: repository.name,
    },
    ...(job === undefined
      ? {
          ...(unchanged || wanted === null ? {} : { hydrate: wanted }),
          ...(done ? { hydrated: wanted.fingerprint, ...servicesOf(wanted) } : {}),
          execute: { kind: run.commandKind, text: run.command, workingDirectory: "." },
        }
      : { job }),
    ...((hydrate === null && job === undefined) || input.grants === undefined
      ? {}
      : { grants: input.grants }),
    ...(run.options.results === undefined ? {} : { results: run.options.results }),
    env: {
      ...chosen(input.env, run.options.env),
      CI: "true",
      CRABBOX: "1",
      CRABBOX_RUN: run.id,
      CRABBOX_TASK: input.attempt.id,
      CRABBOX_REPOSITORY: slug,
      CRABBOX_SHA: run.checkoutSha,
      ...(run.pullRequest === null ? {} : { CRABBOX_PULL_REQUEST: String(run.pullRequest) }),
    },
    deadlineAt: Math.min(input.now + run.options.timeoutMs, lease.expiresAt - LEASE_MARGIN_MS),
    logCapBytes: input.logCapBytes,
    sandbox: input.capabilities.sandbox,
  };
}

/** Those of a box that is prepared already run beside the command as they ran beside the steps. */
function servicesOf(phase: HydratePhase): Pick<Task, "services"> {
  const services = servicesAgain(phase);
  return services === null ? {} : { services };
}

/** The variables that the repository's file left of the server's. */
function chosen(
  env: Readonly<Record<string, string>>,
  names: readonly string[] | undefined,
): Readonly<Record<string, string>> {
  if (names === undefined) return env;
  return Object.fromEntries(Object.entries(env).filter(([name]) => names.includes(name)));
}
