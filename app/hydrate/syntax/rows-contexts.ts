import { no, partly, type SyntaxRow, under, works } from "./row.ts";

const CONTEXTS = "test/hydrate/syntax/contexts.test.ts";
const RUN_STEPS = "test/hydrate/engine/run-steps.test.ts";
const CLI = "test/job/job.test.ts";
const COMPOSITE = "test/hydrate/engine/composite.test.ts";
const SERVICES = "test/hydrate/docker/services.test.ts";
const MATRIX = "test/hydrate/read/matrix.test.ts";

const github = (...keys: readonly string[]): readonly string[] => under("github.", keys);

/** Contexts and their properties. */
export const CONTEXT_ROWS: readonly SyntaxRow[] = [
  ...works(CONTEXTS, [
    "github",
    ...github(
      "action",
      "action_ref",
      "action_repository",
      "api_url",
      "base_ref",
      "env",
      "event_name",
      "event_path",
      "graphql_url",
      "head_ref",
      "path",
      "ref",
      "ref_name",
      "ref_type",
      "repository",
      "repositoryUrl",
      "repository_owner",
      "secret_source",
      "server_url",
      "sha",
      "workflow",
      "workflow_ref",
      "workflow_sha",
      "workspace",
    ),
  ]),
  ...works(COMPOSITE, github("action_path")),
  ...works("test/hydrate/syntax/composite.test.ts", github("action_status")),
  ...partly(CLI, github("event"), "What the repository tells; `--payload FILE` lays the rest over it."),
  ...partly(CONTEXTS, github("actor", "triggering_actor"), "The owner of the repository."),
  ...partly(
    CONTEXTS,
    github("actor_id", "repository_id", "repository_owner_id", "run_attempt", "run_number"),
    "Always 1.",
  ),
  ...partly(CONTEXTS, github("ref_protected"), "Always false: GitHub's rules are not asked for."),
  ...partly(CONTEXTS, github("retention_days"), "Always 90."),
  ...partly(CONTEXTS, github("run_id"), "A number of its own for each run; GitHub does not know it."),
  ...partly(
    CONTEXTS,
    ["github.token", "secrets.GITHUB_TOKEN"],
    "On a box a token that only reads ([hydration.md](hydration.md)). Else the value of `--secret GITHUB_TOKEN`; empty without, with `--github-root` a word that no server takes.",
  ),
  ...works(CONTEXTS, github("job")),
  ...works(CLI, ["env", "inputs", "vars"]),
  ...partly(
    CLI,
    ["secrets"],
    "Those of `--secret`; on a box those that the server maps ([hydration.md](hydration.md)). A value of fewer than four bytes is not masked in the log.",
  ),
  ...works(CLI, ["matrix", "needs", "needs.<job_id>.outputs", "needs.<job_id>.result"]),
  ...works(MATRIX, [
    "strategy",
    "strategy.fail-fast",
    "strategy.job-index",
    "strategy.job-total",
    "strategy.max-parallel",
  ]),
  ...works(RUN_STEPS, ["steps", "steps.conclusion", "steps.outcome", "steps.outputs"]),
  ...works(
    "test/hydrate/plan/calls.test.ts",
    ["jobs", "jobs.outputs"],
    "In the outputs of a called workflow.",
  ),
  ...works("test/hydrate/syntax/jobs.test.ts", ["jobs.result"], "In the outputs of a called workflow."),
  ...works(RUN_STEPS, ["job", "job.status"]),
  ...works(
    "test/hydrate/docker/container.test.ts",
    ["job.container", "job.container.id"],
    "Where Docker is.",
  ),
  ...works(
    SERVICES,
    [
      "job.container.network",
      "job.services",
      ...under("job.services.<service_id>.", ["id", "network", "ports"]),
    ],
    "Where Docker is.",
  ),
  ...no(CONTEXTS, ["job.check_run_id"], "There is no check run; it is empty."),
  ...no(
    CONTEXTS,
    under("job.", ["workflow_file_path", "workflow_ref", "workflow_repository", "workflow_sha"]),
    "Empty. `github.workflow_ref` and `github.workflow_sha` tell of the workflow that was started.",
  ),
  ...works(CONTEXTS, [
    "runner",
    ...under("runner.", ["arch", "debug", "name", "os", "temp", "tool_cache", "workspace"]),
  ]),
  ...partly(CONTEXTS, ["runner.environment"], "Always `self-hosted`, which this machine is."),
];
