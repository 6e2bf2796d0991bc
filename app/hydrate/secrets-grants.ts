import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { JobsPlan } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { Repository } from "../store/rows.ts";
import type { WholeJob } from "./choose-whole.ts";
import type { FingerprintMore } from "./fingerprint.ts";
import { stepsCommit, type HydrationRun } from "./hydrate-plan.ts";
import { allOf } from "./jobs-plan.ts";
import { computedNames, type ComputedNames } from "./plan/computed-names.ts";
import { namesFrom, namesToken, someText, ungrouped } from "./plan/texts.ts";
import type { RunFacts } from "./plan/types.ts";
import type { Permissions } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { StepSecrets } from "./secrets.ts";
import { servicesGrants } from "./services-grants.ts";

/** What of `permissions:` the App itself may read (app.yml), and how the API calls it. */
const READABLE: readonly (readonly [string, string])[] = [
  ["contents", "contents"],
  ["pull-requests", "pull_requests"],
  ["issues", "issues"],
  ["checks", "checks"],
];
/** All secrets at once. */
const TAKES_ALL = /(?<![\w.-])secrets\s*(?:\[\s*\*|\.\s*\*|[),|&=!}])/iu;
const SHA_SHOWN_CHARS = 7;
/** Stands for a value that is there. */
const IS_THERE = "***";

type Asking = { readonly run: HydrationRun; readonly repository: Repository };
type Planned = {
  readonly plan: JobPlan;
  readonly chosen: Pick<WholeJob, "workflow" | "job">;
  /** Jobs that the box plans, in the plan's stead: their matrix and inputs are not known yet. */
  readonly jobs?: JobsPlan;
};

type Asked = Pick<Planned, "plan" | "chosen"> & { readonly isOpen: boolean };

/** What a planner is told: which secrets are there, and why no others; never a value, because plans are stored. */
export function secretFacts(
  secrets: Pick<StepSecrets, "allowed" | "vars">,
  run: HydrationRun,
  repository: Repository,
): Pick<RunFacts, "vars" | "secrets" | "noSecrets"> {
  const { names, why } = secrets.allowed(run, repository);
  const known = isUntrusted(run.trustDomain) ? names : [...names, "GITHUB_TOKEN"];
  return {
    vars: secrets.vars(repository),
    secrets: Object.fromEntries(known.map((name) => [name, IS_THERE])),
    ...(why === null ? {} : { noSecrets: why }),
  };
}

/** The plan as it is kept and sent: boxd lays the values into it. */
export function withoutSecrets(plan: JobPlan): JobPlan {
  return { ...plan, contexts: { ...plan.contexts, secrets: {} } };
}

/**
 * What a chosen job's steps get, by name: of the secrets that the run may have those that they name, and a token when something asks
 * for one. Code that nobody here vouches for gets neither: a token's calls count against the whole account's limit. `more` is what
 * the fingerprint must tell apart; notes are a sentence each.
 */
export function grant(
  secrets: Pick<StepSecrets, "allowed" | "digest">,
  { run, repository }: Asking,
  { plan, chosen, jobs }: Planned,
): { readonly grants: Grants; readonly more: FingerprintMore; readonly notes: readonly string[] } {
  const { from, sha } = stepsCommit(run);
  const planned = { plan: jobs === undefined ? plan : allOf(jobs), chosen, isOpen: jobs !== undefined };
  const { names } = secrets.allowed(run, repository);
  const grants = isUntrusted(run.trustDomain) ? { secrets: [], token: null } : grantsOf(planned, names);
  return {
    grants,
    more: { from, secrets: secrets.digest(repository, grants.secrets) },
    notes: [
      ...unnamedNotes(planned),
      ...secretNotes(grants),
      ...tokenNotes(grants),
      ...(from === "head" ? [fromHead(sha)] : []),
    ],
  };
}

/** Which secrets a task that was sent brought, a sentence; none for none: of its set-up or job, or of the services that alone are started again. */
export function taskSecretNotes({
  hydrate,
  job,
  services,
  grants = { secrets: [], token: null },
}: Partial<Pick<Task, "hydrate" | "job" | "services" | "grants">>): readonly string[] {
  if (services === undefined) return hydrate === undefined && job === undefined ? [] : secretNotes(grants);
  const { secrets } = servicesGrants(services, grants);
  return secrets.length === 0 ? [] : [`The services get these secrets: ${secrets.join(", ")}.`];
}

/** How check and explanation say whose steps they are. */
export function fromHead(sha: string): string {
  return `Set-up steps from head ${sha.slice(0, SHA_SHOWN_CHARS)}, not from the base: without the server's secrets.`;
}

function grantsOf(planned: Asked, names: readonly string[]): Grants {
  const { plan, chosen } = planned;
  const { steps, env, container, services } = plan;
  const computed = computedOf(planned);
  // Steps of actions see no secrets but what their inputs bring.
  const named = new Set(
    namesFrom("secrets", { steps, env, container, services }).map((name) => name.toUpperCase()),
  );
  return {
    secrets: names.filter((name) => named.has(name) || computed?.mayBe(name) === true),
    token:
      asksForToken(plan) || computed?.mayBe("GITHUB_TOKEN") === true
        ? readsOf(chosen.job.permissions ?? chosen.workflow.permissions)
        : null,
  };
}

function unnamedNotes(planned: Asked): readonly string[] {
  const { steps, env, container, services } = planned.plan;
  const takes = (text: string): boolean => text.includes("${{") && TAKES_ALL.test(ungrouped(text));
  const isAll = someText({ steps, env, container, services }, takes);
  return [
    ...(isAll ? ["All secrets at once are empty text: write `secrets.NAME`."] : []),
    ...(computedOf(planned)?.isOpen === true
      ? ["The name of a secret is known only on the box: steps get every mapped one that it may come to."]
      : []),
  ];
}

/** What stands already when a plan is made: of jobs that the box plans neither matrix nor inputs. */
function computedOf({ plan, isOpen }: Asked): ComputedNames | null {
  const { steps, env, container, services, contexts } = plan;
  const { github, vars, inputs, matrix, strategy } = contexts;
  const known = { github, vars, ...(isOpen ? {} : { inputs, matrix, strategy }) };
  return computedNames({ steps, env, container, services }, known);
}

function tokenNotes({ token }: Grants): readonly string[] {
  if (token === null) return [];
  const reads = token.length === 0 ? "metadata" : token.join(", ");
  return [`GITHUB_TOKEN reads ${reads} of this repository, nothing else.`];
}

/** What `permissions:` says, write counted as read; contents when it says nothing of single ones. */
function readsOf(permissions: Permissions | undefined): readonly string[] {
  if (permissions === undefined || typeof permissions === "string") return ["contents"];
  return READABLE.filter(([name]) => ["read", "write"].includes(permissions[name] ?? "none")).map(
    ([, name]) => name,
  );
}

function asksForToken({ steps, env, container, services, actions }: JobPlan): boolean {
  // Images of ghcr.io that name no credentials are asked for with it.
  if (container !== undefined || Object.keys(services).length > 0) return true;
  const used = Object.values(actions).map(({ definition }) => definition);
  return namesToken({ steps, env, used });
}

function secretNotes({ secrets }: Pick<Grants, "secrets">): readonly string[] {
  return secrets.length === 0 ? [] : [`Steps of the workflow get these secrets: ${secrets.join(", ")}.`];
}
