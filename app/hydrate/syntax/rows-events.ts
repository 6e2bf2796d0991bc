import { no, partly, type SyntaxRow, under, works } from "./row.ts";

const ACCEPTED = "test/hydrate/syntax/accepted.test.ts";
const TRIGGERS = "test/job/triggers.test.ts";
const CALLS = "test/hydrate/plan/calls.test.ts";
const EVENTS = "test/hydrate/syntax/events.test.ts";
const INPUTS = "test/hydrate/syntax/inputs.test.ts";

/** Events whose payload is made from the repository; others bring it in a file. */
const MADE = ["push", "pull_request", "pull_request_target", "workflow_dispatch"];
const GIVEN = [
  "branch_protection_rule",
  "check_run",
  "check_suite",
  "create",
  "delete",
  "deployment",
  "deployment_status",
  "discussion",
  "discussion_comment",
  "fork",
  "gollum",
  "image_version",
  "issue_comment",
  "issues",
  "label",
  "merge_group",
  "milestone",
  "page_build",
  "project",
  "project_card",
  "project_column",
  "public",
  "pull_request_comment",
  "pull_request_review",
  "pull_request_review_comment",
  "registry_package",
  "release",
  "repository_dispatch",
  "status",
  "watch",
  "workflow_run",
];
const TYPED = [
  "branch_protection_rule",
  "check_run",
  "check_suite",
  "discussion",
  "discussion_comment",
  "image_version",
  "issue_comment",
  "issues",
  "label",
  "merge_group",
  "milestone",
  "project",
  "project_card",
  "project_column",
  "pull_request",
  "pull_request_comment",
  "pull_request_review",
  "pull_request_review_comment",
  "pull_request_target",
  "registry_package",
  "release",
  "repository_dispatch",
  "watch",
  "workflow_run",
];
const INPUT = ["", ".<name>", ".<name>.default", ".<name>.required", ".<name>.type"];

/** `on`: what starts a workflow. The workflow that `job --workflow FILE` names runs whatever stands there. */
export const EVENT_ROWS: readonly SyntaxRow[] = [
  ...works(
    TRIGGERS,
    ["on"],
    "For a folder of workflows; one that is named runs whatever stands here. `--event` says what happened; left out, push when the workflow knows it, else the first event it names.",
  ),
  ...partly(
    EVENTS,
    under("on.", MADE),
    "The payload is made from the repository as it stands: what GitHub alone knows is missing, `--payload FILE` lays it over.",
  ),
  ...partly(
    EVENTS,
    under("on.", GIVEN),
    "The payload has `repository` and `sender`; the rest comes from `--payload FILE`.",
  ),
  ...works(
    EVENTS,
    TYPED.map((event) => `on.${event}.types`),
    "Compared with `action` of the payload; a payload without one has every type.",
  ),
  ...works(TRIGGERS, under("on.push.", ["branches", "branches-ignore", "tags"])),
  ...works(EVENTS, ["on.push.tags-ignore"]),
  ...works(
    EVENTS,
    ["pull_request", "pull_request_target"].flatMap((event) =>
      under(`on.${event}.`, ["branches", "branches-ignore"]),
    ),
    "Compared with the base branch of the payload.",
  ),
  ...partly(
    EVENTS,
    ["merge_group", "workflow_run"].flatMap((event) =>
      under(`on.${event}.`, ["branches", "branches-ignore"]),
    ),
    "Compared with the checked-out branch, not with what the payload says of the event.",
  ),
  ...no(
    EVENTS,
    ["push", "pull_request", "pull_request_target"].flatMap((event) =>
      under(`on.${event}.`, ["paths", "paths-ignore"]),
    ),
    "Taken as met: which files an event changed is not known here.",
  ),
  ...no(
    EVENTS,
    ["on.image_version.names", "on.image_version.versions", "on.workflow_run.workflows"],
    "Checked, then taken as met.",
  ),
  ...no(
    ACCEPTED,
    ["on.schedule", "on.schedule[*].cron", "on.schedule[*].timezone"],
    "Nothing is started by the clock; `--event schedule` runs such a workflow.",
  ),
  ...works(CALLS, ["on.workflow_call", ...INPUT.map((end) => `on.workflow_call.inputs${end}`)]),
  ...works(CALLS, [
    "on.workflow_call.outputs",
    "on.workflow_call.outputs.<name>",
    "on.workflow_call.outputs.<name>.value",
    "on.workflow_call.secrets",
    "on.workflow_call.secrets.<name>",
  ]),
  ...works(
    CALLS,
    ["on.workflow_call.secrets.<name>.required"],
    "It has to be handed on; without a value it is told and is empty text.",
  ),
  ...works(
    ACCEPTED,
    [
      "on.workflow_call.inputs.<name>.description",
      "on.workflow_call.outputs.<name>.description",
      "on.workflow_call.secrets.<name>.description",
      "on.workflow_dispatch.inputs.<name>.description",
    ],
    "For people; nothing runs by it.",
  ),
  ...works(
    INPUTS,
    INPUT.filter((end) => !end.endsWith("default")).map((end) => `on.workflow_dispatch.inputs${end}`),
    "Given by `--input NAME=VALUE`; the type `environment` is any text.",
  ),
  ...works(INPUTS, ["on.workflow_dispatch.inputs.<name>.default"], "`github.event.inputs` has all as text."),
  ...works(INPUTS, ["on.workflow_dispatch.inputs.<name>.options"]),
];
