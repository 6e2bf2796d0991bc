import { no, partly, type SyntaxRow, under, works } from "./row.ts";

const CONTEXTS = "test/hydrate/syntax/contexts.test.ts";
const EVALUATE = "test/hydrate/expressions/evaluate.test.ts";
const COMMANDS = "test/hydrate/engine/commands.test.ts";
const MATCHERS = "test/hydrate/engine/matchers.test.ts";
const FILES = "test/hydrate/engine/command-files.test.ts";
const JOBS = "test/hydrate/syntax/jobs.test.ts";
const SHELL = "test/hydrate/engine/shell.test.ts";

/** Functions of expressions. Operators and `.*` are in test/hydrate/expressions too. */
export const FUNCTION_ROWS: readonly SyntaxRow[] = [
  ...works(EVALUATE, ["case", "contains", "endsWith", "format", "fromJSON", "join", "startsWith", "toJSON"]),
  ...works("test/hydrate/expressions/hash-files.test.ts", ["hashFiles"], "Never outside the workspace."),
  ...works("test/hydrate/engine/run-steps.test.ts", ["always", "failure"]),
  ...works("test/hydrate/expressions/fill.test.ts", ["success"]),
  ...works("test/hydrate/engine/cancel.test.ts", ["cancelled"]),
];

/** Workflow commands: lines `::NAME::`. */
export const COMMAND_ROWS: readonly SyntaxRow[] = [
  ...partly(COMMANDS, ["add-mask"], "A value of fewer than four bytes is not masked."),
  ...works(COMMANDS, [
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "save-state",
    "set-output",
    "stop-commands",
    "warning",
  ]),
  ...works(
    COMMANDS,
    ["add-path", "set-env"],
    "Refused unless ACTIONS_ALLOW_UNSECURE_COMMANDS is true, as on GitHub.",
  ),
  ...works(MATCHERS, ["add-matcher", "remove-matcher"]),
  ...no(
    JOBS,
    ["internal-set-repo-path"],
    "For the plugin that actions/checkout@v1 was; it is printed as text.",
  ),
];

/** Files that a step writes. */
export const FILE_ROWS: readonly SyntaxRow[] = [
  ...works(
    FILES,
    ["GITHUB_ENV"],
    "Names that the machine refuses (NODE_OPTIONS, GITHUB_*, ...) are told and left out.",
  ),
  ...works(FILES, ["GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_STEP_SUMMARY"]),
  ...works("test/hydrate/engine/node-actions.test.ts", ["GITHUB_STATE"]),
  ...no(
    CONTEXTS,
    ["GITHUB_ARTIFACTS", "GITHUB_ARTIFACTS_LIST"],
    "New in GitHub's runner and not in its reference; the variables are not set.",
  ),
];

const github = (...names: readonly string[]): readonly string[] => under("GITHUB_", names);

/** Variables that every step finds; what they hold is in the contexts of the same names. */
export const VARIABLE_ROWS: readonly SyntaxRow[] = [
  ...works(CONTEXTS, ["CI", "GITHUB_ACTIONS", ...under("RUNNER_", ["ARCH", "DEBUG", "NAME", "OS"])]),
  ...works(CONTEXTS, under("RUNNER_", ["TEMP", "TOOL_CACHE", "WORKSPACE"])),
  ...partly(CONTEXTS, ["RUNNER_ENVIRONMENT"], "Always `self-hosted`, which this machine is."),
  ...works(
    CONTEXTS,
    github(
      "ACTION",
      "ACTION_REF",
      "ACTION_REPOSITORY",
      "API_URL",
      "BASE_REF",
      "EVENT_NAME",
      "EVENT_PATH",
      "GRAPHQL_URL",
      "HEAD_REF",
      "REF",
      "REF_NAME",
      "REF_TYPE",
      "REPOSITORY",
      "REPOSITORY_OWNER",
      "SERVER_URL",
      "SHA",
      "WORKFLOW",
      "WORKFLOW_REF",
      "WORKFLOW_SHA",
      "WORKSPACE",
    ),
  ),
  ...works("test/hydrate/engine/composite.test.ts", github("ACTION_PATH")),
  ...partly(CONTEXTS, github("ACTOR", "TRIGGERING_ACTOR"), "The owner of the repository."),
  ...partly(
    CONTEXTS,
    github("ACTOR_ID", "REPOSITORY_ID", "REPOSITORY_OWNER_ID", "RUN_ATTEMPT", "RUN_NUMBER"),
    "Always 1.",
  ),
  ...partly(CONTEXTS, github("REF_PROTECTED"), "Always false: GitHub's rules are not asked for."),
  ...partly(CONTEXTS, github("RETENTION_DAYS"), "Always 90."),
  ...partly(CONTEXTS, github("RUN_ID"), "A number of its own for each run; GitHub does not know it."),
  ...works(CONTEXTS, github("JOB")),
  ...works(
    CONTEXTS,
    under("ACTIONS_", ["CACHE_URL", "RESULTS_URL", "RUNTIME_TOKEN", "RUNTIME_URL"]),
    "For actions alone, as on GitHub: caches and artifacts of this machine.",
  ),
  ...works(
    CONTEXTS,
    under("ACTIONS_", ["CACHE_MODE"]),
    "For actions alone, as on GitHub: the job's `cache-mode`, `write` where nobody says anything.",
  ),
  ...no(
    CONTEXTS,
    under("ACTIONS_ID_TOKEN_REQUEST_", ["TOKEN", "URL"]),
    "Only GitHub issues identity tokens.",
  ),
];

/** Values of `shell`. */
export const SHELL_ROWS: readonly SyntaxRow[] = [
  ...works(SHELL, ["(none)"], "`bash -e`, or `sh -e` where there is no bash."),
  ...works(SHELL, ["bash", "python", "sh", "COMMAND {0}"]),
  ...partly(
    SHELL,
    ["pwsh"],
    "Called as GitHub calls it where it is installed; no test runs it, only its command and script are held.",
  ),
  ...no(JOBS, ["cmd", "powershell"], "Windows has them; the step fails and says so."),
];
