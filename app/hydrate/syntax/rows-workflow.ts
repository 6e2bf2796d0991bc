import { no, partly, type SyntaxRow, under, works } from "./row.ts";

const ACCEPTED = "test/hydrate/syntax/accepted.test.ts";
const JOBS = "test/hydrate/syntax/jobs.test.ts";
const CACHE_MODE = "test/hydrate/services/cache-mode.test.ts";
const RUN_STEPS = "test/hydrate/engine/run-steps.test.ts";
const SHELL = "test/hydrate/engine/shell.test.ts";

const PERMISSIONS = [
  "actions",
  "artifact-metadata",
  "attestations",
  "checks",
  "code-quality",
  "contents",
  "copilot-requests",
  "deployments",
  "discussions",
  "drives",
  "issues",
  "models",
  "packages",
  "pages",
  "pull-requests",
  "repository-projects",
  "security-events",
  "statuses",
  "vulnerability-alerts",
];
const CONCURRENCY = ["", ".cancel-in-progress", ".group", ".queue"];
const LEVELS = ["", "jobs.<name>."];

/** Keys of the whole workflow, and those that stand in jobs too and say nothing about their steps. */
export const WORKFLOW_ROWS: readonly SyntaxRow[] = [
  ...works("test/hydrate/syntax/contexts.test.ts", ["name"], "The path of the file where it is left out."),
  ...no(ACCEPTED, ["run-name"], "Checked; a run on this machine has no name that anybody reads."),
  ...works(ACCEPTED, ["description"], "For people; nothing runs by it."),
  ...works(RUN_STEPS, ["env", "env.<name>"]),
  ...works(JOBS, ["defaults", "defaults.run", "defaults.run.shell", "defaults.run.working-directory"]),
  ...works(JOBS, [
    "jobs.<name>.defaults",
    "jobs.<name>.defaults.run",
    "jobs.<name>.defaults.run.working-directory",
  ]),
  ...works(SHELL, ["jobs.<name>.defaults.run.shell"]),
  ...works(JOBS, ["jobs", "jobs.<name>"], "One after the other, in the order of their `needs`."),
  ...partly(
    ACCEPTED,
    LEVELS.flatMap((level) => CONCURRENCY.map((end) => `${level}concurrency${end}`)),
    "Checked; other runs are not known here, so none is waited for or cancelled.",
  ),
  ...partly(
    ACCEPTED,
    LEVELS.flatMap((level) => [`${level}permissions`, ...under(`${level}permissions.`, PERMISSIONS)]),
    "Checked; on a box they narrow the token, which only reads. Else it is the one of `--secret GITHUB_TOKEN` and has the rights it has.",
  ),
  ...partly(
    CACHE_MODE,
    LEVELS.map((level) => `${level}cache-mode`),
    "`read` only restores, `write-only` only saves, `write` does both, `none` neither; the job's word goes before the workflow's. A called workflow that says nothing has what its caller has; one that asks for more than its caller says fails. Where nobody says anything it is `write`, on events too for which GitHub takes `read`.",
  ),
  ...no(
    JOBS,
    LEVELS.map((level) => `${level}permissions.id-token`),
    "Only GitHub issues identity tokens; `explain` says so, a step that asks for one fails.",
  ),
];
