import { CACHE_MODES } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import {
  CREDENTIALS,
  JOB_CONTEXTS,
  JOB_DEFAULTS,
  JOB_IF,
  JOB_SECRETS,
  RUNNER,
  RUNNER_NO_SECRETS,
  STRATEGY,
} from "./contexts.ts";
import {
  ANY,
  BOOLEAN,
  either,
  listOf,
  mapOf,
  namesTo,
  NUMBER,
  oneOf,
  oneOrMore,
  TEXT,
  withExpressions,
  WORD,
  type Shape,
} from "./shape.ts";
import { STEP_SHAPE } from "./step-shape.ts";

const LEVELS = oneOf("read", "write", "none");

/** `permissions` of a workflow or a job. */
export const PERMISSIONS: Shape = either(
  oneOf("read-all", "write-all"),
  mapOf({
    actions: LEVELS,
    "artifact-metadata": LEVELS,
    attestations: LEVELS,
    checks: LEVELS,
    "code-quality": LEVELS,
    contents: LEVELS,
    "copilot-requests": oneOf("write", "none"),
    deployments: LEVELS,
    discussions: LEVELS,
    drives: LEVELS,
    "id-token": oneOf("write", "none"),
    issues: LEVELS,
    models: oneOf("read", "none"),
    packages: LEVELS,
    pages: LEVELS,
    "pull-requests": LEVELS,
    "repository-projects": LEVELS,
    "security-events": LEVELS,
    statuses: LEVELS,
    "vulnerability-alerts": oneOf("read", "none"),
  }),
);

/** `cache-mode` of a workflow or a job. */
export const CACHE_MODE: Shape = oneOf(...CACHE_MODES);

/** `concurrency` of a workflow or a job, without its contexts. */
export const CONCURRENCY: Shape = either(
  TEXT,
  mapOf({ group: WORD, "cancel-in-progress": BOOLEAN, queue: oneOf("single", "max") }, "group"),
);

/** `defaults`: `shell` and `working-directory` of `run`. */
export const DEFAULTS: Shape = mapOf({ run: mapOf({ shell: WORD, "working-directory": WORD }) });

const MATRIX_FILTER = listOf(namesTo(ANY));
const MATRIX: Shape = {
  kind: "map",
  keys: { include: MATRIX_FILTER, exclude: MATRIX_FILTER },
  rest: listOf(ANY),
};

const CONTAINER_KEYS = {
  image: TEXT,
  options: TEXT,
  env: namesTo(withExpressions(TEXT, RUNNER)),
  ports: listOf(WORD),
  volumes: listOf(WORD),
  credentials: withExpressions(mapOf({ username: WORD, password: WORD }), CREDENTIALS),
};

const SHARED = {
  name: withExpressions(TEXT, JOB_CONTEXTS),
  needs: oneOrMore(WORD),
  if: { kind: "text", mayBeEmpty: true, isCondition: true, expressions: JOB_IF } satisfies Shape,
  strategy: withExpressions(
    mapOf({ "fail-fast": BOOLEAN, "max-parallel": NUMBER, matrix: MATRIX }),
    STRATEGY,
  ),
  permissions: PERMISSIONS,
  "cache-mode": CACHE_MODE,
  concurrency: withExpressions(CONCURRENCY, JOB_CONTEXTS),
};

const STEPS_JOB = {
  ...SHARED,
  "runs-on": withExpressions(
    either(oneOrMore(WORD), mapOf({ group: WORD, labels: oneOrMore(WORD) })),
    JOB_CONTEXTS,
  ),
  "timeout-minutes": withExpressions(NUMBER, JOB_CONTEXTS),
  "cancel-timeout-minutes": withExpressions(NUMBER, JOB_CONTEXTS),
  "continue-on-error": withExpressions(BOOLEAN, JOB_CONTEXTS),
  container: withExpressions(either(TEXT, mapOf(CONTAINER_KEYS)), JOB_CONTEXTS),
  services: withExpressions(
    namesTo(either(TEXT, mapOf({ ...CONTAINER_KEYS, entrypoint: TEXT, command: TEXT }))),
    JOB_CONTEXTS,
  ),
  env: withExpressions(namesTo(TEXT), JOB_SECRETS),
  environment: withExpressions(
    either(
      TEXT,
      mapOf({ name: TEXT, url: withExpressions(TEXT, RUNNER_NO_SECRETS), deployment: BOOLEAN }, "name"),
    ),
    JOB_CONTEXTS,
  ),
  outputs: namesTo(withExpressions(TEXT, RUNNER)),
  defaults: mapOf({ run: withExpressions(mapOf({ shell: WORD, "working-directory": WORD }), JOB_DEFAULTS) }),
  steps: listOf(STEP_SHAPE),
  snapshot: either(
    WORD,
    mapOf(
      {
        "image-name": WORD,
        version: WORD,
        if: { kind: "text", mayBeEmpty: true, isCondition: true, expressions: JOB_CONTEXTS },
      },
      "image-name",
    ),
  ),
};

const CALL_JOB = {
  ...SHARED,
  uses: WORD,
  with: namesTo(withExpressions(either(TEXT, BOOLEAN, NUMBER), JOB_CONTEXTS)),
  secrets: either(oneOf("inherit"), namesTo(withExpressions(TEXT, JOB_SECRETS))),
};

/** A job: with `uses` it calls a reusable workflow, otherwise it has steps. */
export const JOB_SHAPE: Shape = {
  kind: "by-keys",
  choose: (keys) => {
    if (keys.has("uses"))
      return {
        ...mapOf(CALL_JOB, "uses"),
        misplaced: only(STEPS_JOB, CALL_JOB, "A job that calls a workflow with `uses` does not take it."),
      } as Shape;
    return {
      ...mapOf(STEPS_JOB, "runs-on"),
      misplaced: only(CALL_JOB, STEPS_JOB, "It goes with `uses`, which calls a workflow."),
    } as Shape;
  },
};

function only(one: object, other: object, hint: string): Record<string, string> {
  return Object.fromEntries(
    Object.keys(one)
      .filter((key) => !Object.hasOwn(other, key))
      .map((key) => [key, hint]),
  );
}
