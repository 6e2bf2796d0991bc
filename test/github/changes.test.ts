import { afterAll, beforeAll, expect, test } from "vitest";
import { openEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";

const REPO = "acme/widgets";
/** More than one page of GitHub's list. */
const FILES = 130;

let edge: Edge;
let number = 0;
let headSha = "";

beforeAll(async () => {
  edge = await openEdge();
  const { control } = edge.stage.github;
  const person = { repo: REPO, login: "wendy" };
  await control.pushCommit({
    ...person,
    branch: "main",
    files: { "old/name.txt": "a text to find again\n".repeat(9) },
  });
  const many = Array.from({ length: FILES }, (_, index) => [
    `many/${String(index).padStart(3, "0")}.txt`,
    "x",
  ]);
  const { sha } = await control.pushCommit({
    ...person,
    branch: "changes",
    parent: "main",
    files: {
      ...Object.fromEntries(many),
      "old/name.txt": null,
      "zz/name.txt": "a text to find again\n".repeat(9),
    },
  });
  headSha = sha;
  number = (await control.openPull({ ...person, title: "Many", head: "changes", base: "main" })).number;
});
afterAll(async () => {
  const violations = await edge.stage.github.control.listViolations({});
  await edge.stop();
  expect(violations).toEqual([]);
});

const pages = () => edge.calls.filter(({ what }) => what === "list changed files").length;

test.each([
  ["one of the first page, without the second", "many/003.txt", "some", 1],
  ["one of the last page", "zz/name.txt", "some", 2],
  ["the old name of a renamed one", "old/name.txt", "some", 2],
  ["none", "other.txt", "none", 2],
])("changed files: %s", async (_what, wanted, found, most) => {
  const before = pages();
  expect(await edge.github.changes.anyFile(edge.repository, number, (path) => path === wanted)).toBe(found);
  expect(pages() - before).toBeLessThanOrEqual(most);
});

test("the test merge: not known yet, then a commit of base and head, then a conflict", async () => {
  const { control } = edge.stage.github;
  const of = { repo: REPO, number };
  await control.holdMerge({ ...of, held: true });
  expect(await edge.github.changes.testMerge(edge.repository, number)).toEqual({ kind: "unknown" });
  await control.holdMerge({ ...of, held: false });
  const { sha: tip } = await control.branchSha({ repo: REPO, branch: "main" });
  expect(await edge.github.changes.testMerge(edge.repository, number)).toMatchObject({
    kind: "ready",
    parents: [tip, headSha],
  });
  const files = { "many/000.txt": "another x" };
  await control.pushCommit({ repo: REPO, login: "wendy", branch: "main", files });
  expect(await edge.github.changes.testMerge(edge.repository, number)).toEqual({ kind: "conflict" });
});
