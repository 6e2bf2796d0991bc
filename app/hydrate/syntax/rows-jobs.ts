import { no, partly, type SyntaxRow, under, works } from "./row.ts";

const ACCEPTED = "test/hydrate/syntax/accepted.test.ts";
const JOBS = "test/hydrate/syntax/jobs.test.ts";
const CLI = "test/job/job.test.ts";
const CALLS = "test/hydrate/plan/calls.test.ts";
const MATRIX = "test/hydrate/read/matrix.test.ts";
const RUN_STEPS = "test/hydrate/engine/run-steps.test.ts";
const CONTAINER = "test/hydrate/docker/container.test.ts";
const SERVICES = "test/hydrate/docker/services.test.ts";
const REGISTRY = "test/hydrate/docker/registry.test.ts";

const job = (...keys: readonly string[]): readonly string[] => under("jobs.<name>.", keys);
const DOCKER = "Where Docker is; elsewhere the job fails and says so.";

/** Keys of a job but for its steps. */
export const JOB_ROWS: readonly SyntaxRow[] = [
  ...works(CLI, job("needs", "if", "outputs", "outputs.<name>")),
  ...works("test/hydrate/plan/jobs.test.ts", job("name")),
  ...works(RUN_STEPS, job("env", "env.<name>")),
  ...works(JOBS, job("continue-on-error")),
  ...works("test/hydrate/engine/cancel.test.ts", job("timeout-minutes"), "360 where it is left out."),
  ...no(
    ACCEPTED,
    job("cancel-timeout-minutes"),
    "Checked; what runs after a cancel has five minutes, as GitHub's runner gives by default.",
  ),
  ...partly(
    JOBS,
    job("runs-on", "runs-on.labels"),
    "Every job runs on this Linux machine, whatever its labels; a job of `windows-*` or `macos-*` fails, in a matrix those runs are left out; both say why.",
  ),
  ...no(ACCEPTED, job("runs-on.group"), "There is one machine."),
  ...no(
    ACCEPTED,
    job("environment", "environment.deployment", "environment.name", "environment.url"),
    "Checked; rules, secrets and variables of an environment are GitHub's, and no deployment is made. Give secrets by `--secret`.",
  ),
  ...no(
    ACCEPTED,
    job("snapshot", "snapshot.if", "snapshot.image-name", "snapshot.version"),
    "Checked; no image is made of the machine.",
  ),
  ...works(JOBS, job("strategy", "strategy.fail-fast"), "Runs that a failed one stops count as cancelled."),
  ...partly(
    MATRIX,
    job("strategy.max-parallel"),
    "It is in the `strategy` context; runs of a matrix come one after the other here.",
  ),
  ...works(
    MATRIX,
    job(
      "strategy.matrix",
      "strategy.matrix.<name>",
      "strategy.matrix.exclude",
      "strategy.matrix.exclude[*].<name>",
      "strategy.matrix.include",
      "strategy.matrix.include[*].<name>",
    ),
    "At most 256 runs, as on GitHub.",
  ),
  ...works(CALLS, job("uses", "with", "with.<name>", "secrets")),
  ...works(
    CALLS,
    job("secrets.<name>"),
    "One that the called workflow does not declare fails the call, as on GitHub.",
  ),
  ...works(CONTAINER, job("container", "container.env", "container.env.<name>", "container.options"), DOCKER),
  ...works("test/hydrate/docker/job.test.ts", job("container.image"), DOCKER),
  ...partly(
    SERVICES,
    job("container.ports", "container.volumes"),
    "Given to docker in the way of a service's, where a test holds them; a job's container has none of its own.",
  ),
  ...works(
    REGISTRY,
    ["container", "services.<name>"].flatMap((at) =>
      job(`${at}.credentials`, `${at}.credentials.password`, `${at}.credentials.username`),
    ),
    DOCKER,
  ),
  ...works(
    SERVICES,
    job(
      "services",
      "services.<name>",
      "services.<name>.command",
      "services.<name>.entrypoint",
      "services.<name>.env",
      "services.<name>.env.<name>",
      "services.<name>.image",
      "services.<name>.options",
      "services.<name>.ports",
      "services.<name>.volumes",
    ),
    DOCKER,
  ),
];
