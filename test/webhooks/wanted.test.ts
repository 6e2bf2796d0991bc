import { expect, test } from "vitest";
import { isWanted } from "../../app/webhooks/register.ts";
import { pullPayload } from "./post.ts";

const NEW_BASE = { base: { ref: "old" } };
const comment = (body: unknown) => ({ action: "created", comment: { body } });

test.each([
  ["issue_comment", comment("/crabbox status"), true],
  ["issue_comment", comment("please /CRABBOX run"), true],
  ["issue_comment", comment("Looks good to me"), false],
  ["issue_comment", { action: "edited", comment: { body: "/crabbox status" } }, false],
  // Shapes nobody knows are the handler's to judge: they end as dead letters that people can see.
  ["issue_comment", comment(null), true],
  ["pull_request", { action: "closed" }, true],
  ["pull_request", pullPayload("edited", NEW_BASE, { changes: { base: { ref: { from: "x" } } } }), true],
  ["pull_request", pullPayload("edited", NEW_BASE, { changes: { title: { from: "x" } } }), false],
  ["pull_request", { action: "labeled" }, true],
  ["pull_request", { action: "unlabeled" }, false],
  ["installation", { action: "anything" }, true],
  ["installation_repositories", { action: "added" }, false],
  ["workflow_job", { action: "completed" }, false],
  ["push", {}, false],
  ["constructor", {}, false],
  ["check_run", null, false],
])("%s with %j: %s", (event, payload, wanted) => {
  expect(isWanted(event, payload)).toBe(wanted);
});
