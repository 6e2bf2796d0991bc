import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { audit } from "../recovery/books.ts";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { CACHE_ACTION, cachingWorkflow, SAY_CACHED } from "./cache-action.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({
    // Every run has a box of its own.
    settings: { defaults: { idle: "0s" } },
    files: {
      ".github/workflows/ci.yml": cachingWorkflow("deps-1", "${{ github.head_ref }}"),
      ...CACHE_ACTION,
    },
  });
});
afterAll(() => stage.close());

const entries = () =>
  audit(stage.app.stateDir, "select domain, ref, key, sha256 from cache_entry order by id");

test("what one run's set-up saved, the next one restores on another box", async () => {
  const first = await stage.run(`/crabbox run -- ${SAY_CACHED}; : one`);
  expect(first.conclusion).toBe("success");
  expect(first.output.text).toContain("[:nothing true]");
  expect(entries()).toMatchObject([
    { domain: "trusted", ref: `refs/pull/${stage.pull}/merge`, key: "deps-1" },
  ]);
  const second = await stage.run(`/crabbox run -- ${SAY_CACHED}; : two`);
  expect(second.output.text).toContain("[deps-1:change true]");
  expect(readdirSync(join(stage.app.stateDir, "caches"))).toEqual([entries()[0]?.["sha256"]]);
});

test("what another branch saved under the same key is not seen", async () => {
  const { control } = stage.github;
  await control.pushCommit({
    repo: REPO,
    branch: "poison",
    login: WRITER,
    parent: "main",
    files: { "p.txt": "p" },
  });
  const title = "Poison";
  const pull = await control.openPull({ repo: REPO, login: WRITER, title, head: "poison", base: "main" });
  await control.comment({
    repo: REPO,
    number: pull.number,
    login: WRITER,
    body: `/crabbox run -- ${SAY_CACHED}; : theirs`,
  });
  await until(
    async () =>
      (await stage.checks()).find(({ name, status }) => name.includes(": theirs") && status === "completed"),
    "the other branch's run",
  );
  expect(entries().map(({ ref }) => ref)).toContain(`refs/pull/${pull.number}/merge`);
  const own = await stage.run(`/crabbox run -- ${SAY_CACHED}; : three`);
  expect(own.output.text).toContain("[deps-1:change true]");
});
