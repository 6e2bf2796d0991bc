import { RUN_CONTEXTS, WORKFLOW_ENV } from "./contexts.ts";
import { ON_SHAPE } from "./event-shape.ts";
import { CACHE_MODE, CONCURRENCY, DEFAULTS, JOB_SHAPE, PERMISSIONS } from "./job-shape.ts";
import { mapOf, namesTo, TEXT, withExpressions, type Shape } from "./shape.ts";

/** A workflow file. */
export const WORKFLOW_SHAPE: Shape = mapOf(
  {
    name: TEXT,
    description: TEXT,
    "run-name": withExpressions(TEXT, RUN_CONTEXTS),
    on: ON_SHAPE,
    permissions: PERMISSIONS,
    "cache-mode": CACHE_MODE,
    env: withExpressions(namesTo(TEXT), WORKFLOW_ENV),
    defaults: DEFAULTS,
    concurrency: withExpressions(CONCURRENCY, RUN_CONTEXTS),
    jobs: namesTo(JOB_SHAPE),
  },
  "on",
  "jobs",
);
