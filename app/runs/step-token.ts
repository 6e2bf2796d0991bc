import type { Given, Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { servicesGrants } from "../hydrate/services-grants.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { Lease, Repository, Run } from "../store/rows.ts";
import type { PipelineDeps } from "./pipeline-deps.ts";

/** Values for one task, never stored. */
export type StepsGet = {
  /** For the steps of its set-up, over before the command; null when it has none to run, or they get nothing. */
  readonly given: Given | null;
  /** To be masked, because steps may have left them on this box before. */
  readonly masks: readonly string[];
};

type Asked = {
  readonly run: Run;
  readonly repository: Repository;
  readonly task: Pick<Task, "hydrate" | "job" | "services" | "grants">;
  readonly lease: Pick<Lease, "id">;
  /** An earlier process sent the task, values and all: the box keeps them in memory until its set-up ends. */
  readonly isSent: boolean;
};

/**
 * The values that a task's set-up may have by its grants, and those that any task gave this lease's box; for services that alone are
 * started again, what these name. The token is minted here, one for each set-up; whoever gets it makes it worthless. Throws as minting does.
 */
export async function stepsGet(
  deps: Pick<PipelineDeps, "store" | "stepSecrets" | "stepToken">,
  { run, repository, task, lease, isSent }: Asked,
): Promise<StepsGet> {
  const { grants, hydrate, job, services } = task;
  if (isUntrusted(run.trustDomain)) return { given: null, masks: [] };
  const runsSteps =
    (job !== undefined || services !== undefined || (hydrate?.plan ?? null) !== null) && !isSent;
  const handed = grants === undefined || services === undefined ? grants : servicesGrants(services, grants);
  const given =
    handed === undefined || !runsSteps ? null : await valuesOf(deps, { run, repository, grants: handed });
  const earlier = await deps.store.attempts.ofLease(lease.id);
  const names = earlier.flatMap((attempt) => attempt.task?.grants?.secrets ?? []);
  // What is given is masked by that already.
  const others = [...names, ...(grants?.secrets ?? [])].filter((name) => given?.secrets[name] === undefined);
  return { given, masks: deps.stepSecrets.masks(repository, [...new Set(others)]) };
}

export type StepToken = {
  /** What goes with the task for its steps. */
  parts(): Pick<Task, "secrets" | "given">;
  /** They are over: from now on nothing is sent, and the token is worthless. Safe to repeat. */
  done(): void;
};

/** What one task's steps get, as long as they run; `revoke` is called once for a token. */
export function createStepToken(
  { given: first = null, masks = [] }: Partial<StepsGet>,
  revoke: (token: string) => void,
): StepToken {
  let given = first;
  return {
    parts: () => ({ secrets: masks, ...(given === null ? {} : { given }) }),
    done() {
      if (given?.token !== undefined) revoke(given.token);
      given = null;
    },
  };
}

async function valuesOf(
  deps: Pick<PipelineDeps, "stepSecrets" | "stepToken">,
  { run, repository, grants }: Pick<Asked, "run" | "repository"> & { readonly grants: Grants },
): Promise<Given | null> {
  const token = grants.token === null ? null : await deps.stepToken(repository, grants.token);
  const secrets = deps.stepSecrets.values(run, repository, grants.secrets);
  if (token === null && Object.keys(secrets).length === 0) return null;
  return { secrets, ...(token === null ? {} : { token }) };
}
