import { describe, expect, test } from "vitest";
import { matchesFilter } from "../../app/job/filter-pattern.ts";
import { isTriggered } from "../../app/job/triggers.ts";

const push = (ref: string) => ({ event: "push", activity: null, ref });

describe("what a workflow's `on:` says to an event", () => {
  test("names as text, list and map", () => {
    expect(isTriggered("push", push("refs/heads/main"))).toBe(true);
    expect(isTriggered(["pull_request", "push"], push("refs/heads/main"))).toBe(true);
    expect(isTriggered({ push: null }, push("refs/heads/main"))).toBe(true);
    expect(isTriggered({ schedule: [{ cron: "0 0 * * *" }] }, push("refs/heads/main"))).toBe(false);
  });

  test("branches, tags and their opposites", () => {
    const on = { push: { branches: ["main", "release/**", "!release/old"] } };
    expect(isTriggered(on, push("refs/heads/release/2.x/fix"))).toBe(true);
    expect(isTriggered(on, push("refs/heads/release/old"))).toBe(false);
    expect(isTriggered(on, push("refs/tags/v1"))).toBe(false);
    expect(isTriggered({ push: { "branches-ignore": ["wip/*"] } }, push("refs/heads/wip/x"))).toBe(false);
    expect(isTriggered({ push: { "branches-ignore": ["wip/*"] } }, push("refs/tags/v1"))).toBe(false);
    expect(isTriggered({ push: { "tags-ignore": ["v0*"] } }, push("refs/heads/main"))).toBe(false);
    expect(isTriggered({ push: { tags: "v*" } }, push("refs/tags/v1.2"))).toBe(true);
    expect(isTriggered({ push: { paths: ["docs/**"] } }, push("refs/heads/main"))).toBe(true);
  });

  test("types of activity, those of pull_request by default", () => {
    const happening = { event: "pull_request", activity: "closed", ref: "refs/heads/main" };
    expect(isTriggered("pull_request", happening)).toBe(false);
    expect(isTriggered({ pull_request: { types: ["closed"] } }, happening)).toBe(true);
    expect(isTriggered({ pull_request: { types: "opened" } }, happening)).toBe(false);
    expect(isTriggered({ issues: null }, { ...happening, event: "issues" })).toBe(true);
  });
});

test.each([
  ["*", "feature/x", false],
  ["**", "feature/x", true],
  ["v[12].[0-9]+.[0-9]+", "v1.10.1", true],
  ["**/docs/**", "docs/a.md", true],
  ["*.jsx?", "page.js", true],
  ["+", "+", false],
  ["a.b", "axb", false],
])("pattern %s on %s: %s", (pattern, name, expected) => {
  expect(matchesFilter([pattern], name)).toBe(expected);
});
