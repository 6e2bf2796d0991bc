import { expect, test } from "vitest";
import { createContracts } from "../../demo/github/api/contracts.ts";

const contracts = createContracts();
const COMMENTS = "/repos/{owner}/{repo}/issues/{issue_number}/comments";

test("requests: missing, wrong and surplus bodies are found", () => {
  expect(contracts.request("POST", COMMENTS, { body: "text" })).toBeNull();
  expect(contracts.request("POST", COMMENTS, {})).toContain("body");
  expect(contracts.request("POST", COMMENTS, { body: { not: "text" } })).toContain("string");
  expect(contracts.request("POST", COMMENTS, undefined)).toContain("required");
  expect(contracts.request("GET", COMMENTS, { a: 1 })).toContain("no body");
  expect(contracts.request("GET", "/nowhere", undefined)).toContain("no GET /nowhere");
});

test("answers: wrong fields and undocumented statuses are found", () => {
  const reaction = {
    id: 1,
    node_id: "x",
    user: null,
    content: "eyes",
    created_at: "2026-01-01T00:00:00Z",
  };
  const path = "/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions";
  expect(contracts.response("POST", path, 201, reaction)).toBeNull();
  expect(contracts.response("POST", path, 201, { ...reaction, content: "shrug" })).toContain("content");
  expect(contracts.response("POST", path, 201, { ...reaction, created_at: "yesterday" })).toContain(
    "date-time",
  );
  expect(contracts.response("POST", path, 201, { ...reaction, id: null })).toContain("integer");
  expect(contracts.response("POST", path, 204, undefined)).toContain("no documented answer 204");
});

test("webhooks: unknown events and payloads without what belongs to them are found", () => {
  expect(contracts.webhook("issue_comment", "created", {})).toContain("required");
  expect(contracts.webhook("issue_comment", "invented", {})).toContain("no webhook");
});
