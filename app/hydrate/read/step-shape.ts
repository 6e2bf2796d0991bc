import { STEP, STEP_IF } from "./contexts.ts";
import {
  BOOLEAN,
  either,
  listOf,
  mapOf,
  namesTo,
  NULL,
  NUMBER,
  oneOrMore,
  TEXT,
  withExpressions,
  WORD,
  type Shape,
} from "./shape.ts";

const COMMON = {
  name: withExpressions(TEXT, STEP),
  id: WORD,
  "continue-on-error": withExpressions(BOOLEAN, STEP),
};

const PROGRAM = {
  ...COMMON,
  if: { kind: "text", mayBeEmpty: true, isCondition: true, expressions: STEP_IF } satisfies Shape,
  "timeout-minutes": withExpressions(NUMBER, STEP),
  env: withExpressions(namesTo(TEXT), STEP),
  background: BOOLEAN,
};

const RUN = {
  ...PROGRAM,
  run: withExpressions(TEXT, STEP),
  "working-directory": withExpressions(TEXT, STEP),
  // GitHub's schema names no context here; its runner evaluates one all the same.
  shell: withExpressions(WORD, STEP),
};

const USES = { ...PROGRAM, uses: WORD, with: withExpressions(namesTo(TEXT), STEP) };

const WAIT = { ...COMMON, wait: oneOrMore(WORD) };
const WAIT_ALL = { ...COMMON, "wait-all": either(NULL, BOOLEAN) };
const CANCEL = { ...COMMON, cancel: WORD };

const ALL = { ...RUN, ...USES, ...WAIT, ...WAIT_ALL, ...CANCEL };

/** Which key says what a step is. */
export const STEP_KINDS = ["run", "uses", "wait", "wait-all", "cancel", "parallel"] as const;

/** A step inside `parallel`: GitHub takes `run` and `uses` only. */
const PARALLEL_STEP: Shape = byKind({ run: RUN, uses: USES }, ALL);

/** A step of a job. */
export const STEP_SHAPE: Shape = byKind(
  {
    run: RUN,
    uses: USES,
    wait: WAIT,
    "wait-all": WAIT_ALL,
    cancel: CANCEL,
    parallel: { parallel: listOf(PARALLEL_STEP) },
  },
  { ...ALL, parallel: listOf(PARALLEL_STEP) },
);

function byKind(
  kinds: Readonly<Record<string, Readonly<Record<string, Shape>>>>,
  all: Readonly<Record<string, Shape>>,
): Shape {
  return {
    kind: "by-keys",
    choose: (keys) => {
      const found = Object.keys(kinds).filter((kind) => keys.has(kind));
      const [kind] = found;
      // None or several: told by the check of steps, so every key passes here.
      if (kind === undefined || found.length > 1) return mapOf(all);
      const own = kinds[kind] ?? {};
      const misplaced = Object.keys(all).filter((key) => !Object.hasOwn(own, key));
      return {
        ...mapOf(own),
        misplaced: Object.fromEntries(misplaced.map((key) => [key, `It does not go with \`${kind}\`.`])),
      } as Shape;
    },
  };
}
