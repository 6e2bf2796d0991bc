import { describe, expect, test } from "vitest";
import { readWorkflow } from "../../../app/hydrate/read/read.ts";
import { eventOf } from "../../../app/job/event-of.ts";
import { isTriggered } from "../../../app/job/triggers.ts";
import { published } from "./published.ts";

const FACTS = {
  root: "/nowhere",
  owner: "acme",
  name: "shop",
  defaultBranch: "main",
  ref: "refs/heads/work",
  sha: "a".repeat(40),
  base: "b".repeat(40),
  before: "c".repeat(40),
  origin: null,
  author: { name: "Ann", email: "ann@example.org" },
  message: "a commit",
};
const JOBS = "jobs: { a: { runs-on: x, steps: [run: x] } }";

const ON = published("workflow").filter(({ key }) => key.startsWith("on."));
const EVENTS = ON.filter(({ key }) => /^on\.\w+$/u.test(key)).map(({ key }) => key.slice(3));
const TYPES = ON.filter(({ key }) => /^on\.\w+\.types$/u.test(key)).map(
  ({ key, words }) => [key.split(".")[1] ?? "", words.length > 0 ? words : ["anything"]] as const,
);

function told(event: string) {
  return eventOf({ events: [event] }, FACTS, { event, payload: null, inputs: {} });
}

function onOf(text: string) {
  const read = readWorkflow(".github/workflows/ci.yml", `on: ${text}\n${JOBS}`);
  return "workflow" in read ? read.workflow.on : read.faults;
}

describe("events", () => {
  test.each(EVENTS)("%s is read, triggers its workflows alone, and has a payload", (event) => {
    const on = onOf(event === "schedule" ? "{ schedule: [{ cron: '0 0 * * *' }] }" : `[${event}]`);
    const { payload, happening } = told(event);
    expect(isTriggered(on as never, happening)).toBe(true);
    expect(isTriggered(on as never, { ...happening, event: event === "push" ? "fork" : "push" })).toBe(false);
    expect(payload).toMatchObject({ repository: { full_name: "acme/shop" }, sender: { login: "acme" } });
  });

  test.each(TYPES)("types of %s are those of GitHub's list, and compared", (event, words) => {
    const happening = { event, ref: "refs/heads/main" };
    for (const word of words) {
      const on = onOf(`{ ${event}: { types: [${word}] } }`);
      expect(on).toEqual({ [event]: { types: [word] } });
      expect(isTriggered(on as never, { ...happening, activity: word })).toBe(true);
      expect(isTriggered(on as never, { ...happening, activity: `no-${word}` })).toBe(false);
    }
    if (words[0] !== "anything") {
      expect(onOf(`{ ${event}: { types: [no-such-type] } }`)).toMatchObject([{ line: 1 }]);
      expect(onOf(`{ ${event}: { types: ${words[0] ?? ""} } }`)).toEqual({ [event]: { types: words[0] } });
    }
  });

  test("payloads that are made: push, pull_request, pull_request_target, workflow_dispatch", () => {
    expect(told("push").payload).toMatchObject({
      ref: "refs/heads/work",
      after: FACTS.sha,
      before: FACTS.before,
    });
    for (const event of ["pull_request", "pull_request_target"])
      expect(told(event).payload).toMatchObject({
        number: 1,
        pull_request: { base: { ref: "main", sha: FACTS.base }, head: { ref: "work", sha: FACTS.sha } },
      });
    expect(told("workflow_dispatch").payload).toMatchObject({ ref: "refs/heads/work", inputs: {} });
  });

  test("branches of pull requests are those of the base; tags-ignore and paths-ignore", () => {
    for (const event of ["pull_request", "pull_request_target"]) {
      const { happening } = told(event);
      expect(isTriggered({ [event]: { branches: ["main"] } }, happening)).toBe(true);
      expect(isTriggered({ [event]: { branches: ["work"] } }, happening)).toBe(false);
      expect(isTriggered({ [event]: { "branches-ignore": ["main"] } }, happening)).toBe(false);
      expect(isTriggered({ [event]: { "paths-ignore": ["**"] } }, happening)).toBe(true);
      expect(isTriggered({ [event]: { paths: ["nowhere/**"] } }, happening)).toBe(true);
    }
    const tag = { event: "push", activity: null, ref: "refs/tags/v1" };
    expect(isTriggered({ push: { "tags-ignore": ["v*"] } }, tag)).toBe(false);
    expect(isTriggered({ push: { "tags-ignore": ["w*"] } }, tag)).toBe(true);
    expect(isTriggered({ push: { "paths-ignore": ["**"] } }, told("push").happening)).toBe(true);
  });

  test("what merge_group and workflow_run are narrowed by is compared with the checked-out branch", () => {
    for (const event of ["merge_group", "workflow_run"]) {
      const { happening } = told(event);
      expect(isTriggered({ [event]: { branches: ["work"] } }, happening)).toBe(true);
      expect(isTriggered({ [event]: { "branches-ignore": ["work"] } }, happening)).toBe(false);
    }
    expect(isTriggered({ workflow_run: { workflows: ["No such"] } }, told("workflow_run").happening)).toBe(
      true,
    );
    const image = { image_version: { names: ["none"], versions: ["9.*"] } };
    expect(isTriggered(image, told("image_version").happening)).toBe(true);
  });
});
