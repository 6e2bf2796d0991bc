import { type SyntaxRow, under, works } from "./row.ts";

const ACCEPTED = "test/hydrate/syntax/accepted.test.ts";
const RUN_STEPS = "test/hydrate/engine/run-steps.test.ts";
const ACTION_FILE = "test/hydrate/actions/action-file.test.ts";
const NODE = "test/hydrate/engine/node-actions.test.ts";
const COMPOSITE = "test/hydrate/engine/composite.test.ts";
const OWN = "test/hydrate/syntax/composite.test.ts";
const DOCKER = "test/hydrate/docker/job.test.ts";
const BACKGROUND = "test/hydrate/engine/background.test.ts";

const step = (...keys: readonly string[]): readonly string[] => under("jobs.<name>.steps[*].", keys);
const inside = (...keys: readonly string[]): readonly string[] => under("runs.steps[*].", keys);
const WITH_DOCKER = "Where Docker is; elsewhere the step fails and says so.";

/** Keys of a job's steps. */
export const STEP_ROWS: readonly SyntaxRow[] = [
  ...works(RUN_STEPS, [
    "jobs.<name>.steps",
    ...step(
      "continue-on-error",
      "env",
      "env.<name>",
      "id",
      "if",
      "run",
      "timeout-minutes",
      "working-directory",
    ),
  ]),
  ...works("test/hydrate/engine/display-name.test.ts", step("name")),
  ...works("test/hydrate/engine/shell.test.ts", step("shell")),
  ...works(NODE, step("with", "with.<name>")),
  ...works(
    "test/hydrate/plan/actions.test.ts",
    step("uses"),
    "`OWNER/REPOSITORY/PATH@REF` from GitHub or from `--github-root`, `./PATH`, `$/PATH`, `docker://IMAGE`; `actions/checkout` of the commit that is there is answered by the copy of the working tree.",
  ),
  ...works(BACKGROUND, step("background", "cancel", "parallel", "wait"), "Ten at once."),
  ...works("test/hydrate/syntax/jobs.test.ts", step("wait-all")),
];

/** Keys of an action's file, `action.yml` or `action.yaml`. */
export const ACTION_ROWS: readonly SyntaxRow[] = [
  ...works(ACTION_FILE, ["name"]),
  ...works(
    ACCEPTED,
    ["author", "branding", "branding.color", "branding.icon", "description"],
    "For GitHub's Marketplace; nothing runs by it.",
  ),
  ...works(
    ACCEPTED,
    ["inputs.<name>.description", "outputs.<name>.description"],
    "For people; nothing runs by it.",
  ),
  ...works(NODE, ["inputs", "inputs.<name>", "inputs.<name>.default"]),
  ...works(OWN, ["inputs.<name>.deprecationMessage"]),
  ...works(NODE, ["inputs.<name>.required"], "Read, and not insisted on: GitHub's runner does not either."),
  ...works(COMPOSITE, ["outputs", "outputs.<name>", "outputs.<name>.value"]),
  ...works(ACTION_FILE, ["runs"]),
  ...works(
    ACTION_FILE,
    ["runs.using"],
    "node12, node16 and node20 run on Node 24, as on GitHub's machines; `plugin` is refused with its reason.",
  ),
  ...works(NODE, ["runs.main", "runs.post", "runs.post-if", "runs.pre", "runs.pre-if"]),
  ...works(DOCKER, ["runs.args", "runs.image", "runs.post-entrypoint", "runs.pre-entrypoint"], WITH_DOCKER),
  ...works("test/hydrate/engine/docker.test.ts", ["runs.env", "runs.env.<name>"], WITH_DOCKER),
  ...works("test/hydrate/docker/action.test.ts", ["runs.entrypoint"], WITH_DOCKER),
  ...works(COMPOSITE, [
    "runs.steps",
    ...inside("env", "env.<name>", "id", "if", "run", "shell", "uses", "with", "with.<name>"),
  ]),
  ...works(OWN, inside("continue-on-error", "name", "working-directory")),
];
