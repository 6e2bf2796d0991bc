import { CALL_OUTPUTS, RUN_CONTEXTS } from "./contexts.ts";
import {
  BOOLEAN,
  either,
  listOf,
  mapOf,
  namesTo,
  NULL,
  NUMBER,
  oneOf,
  oneOrMore,
  TEXT,
  withExpressions,
  WORD,
  type Shape,
} from "./shape.ts";

/** Left empty it filters nothing. */
const WORDS = either(NULL, oneOrMore(WORD));
const BRANCHES = { branches: WORDS, "branches-ignore": WORDS };
const TAGS = { tags: WORDS, "tags-ignore": WORDS };
const PATHS = { paths: WORDS, "paths-ignore": WORDS };

const CHANGED = ["created", "edited", "deleted"];
const PULL_REQUEST = [
  "assigned",
  "unassigned",
  "labeled",
  "unlabeled",
  "opened",
  "edited",
  "closed",
  "reopened",
  "synchronize",
  "converted_to_draft",
  "locked",
  "unlocked",
  "enqueued",
  "dequeued",
  "milestoned",
  "demilestoned",
  "ready_for_review",
  "review_requested",
  "review_request_removed",
  "auto_merge_enabled",
  "auto_merge_disabled",
  "stacked",
];

const DISPATCH_INPUT = mapOf({
  description: TEXT,
  type: oneOf("string", "boolean", "number", "environment", "choice"),
  required: BOOLEAN,
  default: either(TEXT, BOOLEAN, NUMBER),
  options: listOf(TEXT),
  deprecationMessage: TEXT,
});
const CALL_INPUT = mapOf(
  {
    description: TEXT,
    type: oneOf("string", "boolean", "number"),
    required: BOOLEAN,
    default: withExpressions(either(TEXT, BOOLEAN, NUMBER), RUN_CONTEXTS),
    deprecationMessage: TEXT,
  },
  "type",
);
const CALL = mapOf({
  inputs: either(NULL, namesTo(CALL_INPUT)),
  secrets: either(NULL, namesTo(either(NULL, mapOf({ description: TEXT, required: BOOLEAN })))),
  outputs: either(
    NULL,
    namesTo(mapOf({ description: TEXT, value: withExpressions(TEXT, CALL_OUTPUTS) }, "value")),
  ),
});

/** Every event of GitHub's schema (actions/languageservices, workflow-v1.0.json) with what it may be narrowed by. */
const EVENTS: Readonly<Record<string, Shape>> = {
  branch_protection_rule: orNull(types(CHANGED)),
  check_run: orNull(types(["completed", "created", "rerequested", "requested_action"])),
  check_suite: orNull(types(["completed"])),
  create: NULL,
  delete: NULL,
  deployment: NULL,
  deployment_status: NULL,
  discussion: orNull(
    types([
      ...CHANGED,
      "transferred",
      "pinned",
      "unpinned",
      "labeled",
      "unlabeled",
      "locked",
      "unlocked",
      "category_changed",
      "answered",
      "unanswered",
    ]),
  ),
  discussion_comment: orNull(types(CHANGED)),
  fork: NULL,
  gollum: NULL,
  image_version: orNull(types(["created", "ready", "deleted"], { names: WORDS, versions: WORDS })),
  issue_comment: orNull(types(CHANGED)),
  issues: orNull(
    types([
      "opened",
      "edited",
      "deleted",
      "transferred",
      "pinned",
      "unpinned",
      "closed",
      "reopened",
      "assigned",
      "unassigned",
      "labeled",
      "unlabeled",
      "locked",
      "unlocked",
      "milestoned",
      "demilestoned",
      "field_added",
      "field_removed",
      "typed",
      "untyped",
    ]),
  ),
  label: orNull(types(CHANGED)),
  merge_group: orNull(types(["checks_requested"], BRANCHES)),
  milestone: orNull(types([...CHANGED, "closed", "opened"])),
  page_build: NULL,
  project: orNull(types([...CHANGED, "closed", "reopened"])),
  project_card: orNull(types([...CHANGED, "moved", "converted"])),
  project_column: orNull(types(["created", "updated", "moved", "deleted"])),
  public: NULL,
  pull_request: orNull(types(PULL_REQUEST, { ...BRANCHES, ...TAGS, ...PATHS })),
  pull_request_comment: orNull(types(CHANGED)),
  pull_request_review: orNull(types(["submitted", "edited", "dismissed"])),
  pull_request_review_comment: orNull(types(CHANGED)),
  pull_request_target: orNull(types(PULL_REQUEST, { ...BRANCHES, ...TAGS, ...PATHS })),
  push: orNull(mapOf({ ...BRANCHES, ...TAGS, ...PATHS })),
  registry_package: orNull(types(["published", "updated"])),
  release: orNull(
    types(["published", "unpublished", "created", "edited", "deleted", "prereleased", "released"]),
  ),
  repository_dispatch: orNull(mapOf({ types: WORDS })),
  schedule: listOf(mapOf({ cron: WORD, timezone: WORD }, "cron")),
  status: NULL,
  watch: orNull(types(["started"])),
  workflow_call: orNull(CALL),
  workflow_dispatch: orNull(mapOf({ inputs: either(NULL, namesTo(either(NULL, DISPATCH_INPUT))) })),
  workflow_run: orNull(types(["requested", "completed", "in_progress"], { workflows: WORDS, ...BRANCHES })),
};

/** All that start a workflow. */
export const EVENT_NAMES: readonly string[] = Object.keys(EVENTS);

const EVENT_NAME = oneOf(...EVENT_NAMES);

/** `on`: an event, a list of events, or a map by event. */
export const ON_SHAPE: Shape = either(EVENT_NAME, listOf(EVENT_NAME), mapOf(EVENTS));

/** Filters that exclude each other, as GitHub's reference says. */
export const EXCLUSIVE_FILTERS = ["branches", "tags", "paths"] as const;

function types(names: readonly string[], more: Readonly<Record<string, Shape>> = {}): Shape {
  return mapOf({ types: oneOrMore(oneOf(...names)), ...more });
}

function orNull(shape: Shape): Shape {
  return either(NULL, shape);
}
