import { existsSync, readdirSync, writeFileSync } from "node:fs";
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
      ".github/workflows/gated.yml": GATED,
      ".github/workflows/ci.yml": cachingWorkflow("deps-1", "${{ github.head_ref }}"),
      ".github/workflows/paths.yml": PATHS,
      ".github/workflows/moded.yml": MODED,
      ...CACHE_ACTION,
    },
  });
});
afterAll(() => stage.close());

const GATED = `on: push
jobs:
  gated:
    runs-on: ubuntu-latest
    steps:
      - name: waits
        run: for i in $(seq 1200); do [ -e gate ] && exit 0; sleep 0.05; done; exit 1
      - uses: ./.github/actions/cache
        with: { key: "gated-1", save: "gated" }
`;

/** Names whole paths, as setup-node's npm cache does. */
const PATHS = `on: push
jobs:
  paths:
    runs-on: ubuntu-latest
    steps:
      - run: echo "paths=$HOME/.npm $GITHUB_WORKSPACE/out" >> "$GITHUB_OUTPUT"
        id: own
      - uses: ./.github/actions/cache
        with: { key: "paths-1", save: "npm", paths: "\${{ steps.own.outputs.paths }}" }
`;

/** The workflow's word is for nobody: each job has its own. */
const MODED = `on: push
cache-mode: none
jobs:${["read", "write-only"]
  .map(
    (mode) => `
  ${mode}:
    cache-mode: ${mode}
    runs-on: ubuntu-latest
    steps:
      - uses: ./.github/actions/cache
        with: { key: "moded-1", save: "by ${mode}" }`,
  )
  .join("")}
`;

const entries = () =>
  audit(stage.app.stateDir, "select domain, ref, key, sha256 from cache_entry order by id");

test("what one run's set-up saved, the next one restores on another box", async () => {
  const first = await stage.run(`/crabbox run -- ${SAY_CACHED}; : one`);
  expect(first.conclusion).toBe("success");
  expect(first.output.text).toContain("[:nothing True]");
  expect(entries()).toMatchObject([
    { domain: "trusted", ref: `refs/pull/${stage.pull}/merge`, key: "deps-1" },
  ]);
  const second = await stage.run(`/crabbox run -- ${SAY_CACHED}; : two`);
  expect(second.output.text).toContain("[deps-1:change True]");
  expect(readdirSync(join(stage.app.stateDir, "caches"))).toEqual([entries()[0]?.["sha256"]]);
});

test("what names the box's own paths is found on the next box, which has the same", async () => {
  const { stateDir } = stage.app;
  const inPlaces = () =>
    readdirSync(join(stateDir, "local", "boxes")).filter((name) => !name.startsWith("."));
  const restores = `/crabbox run --workflow paths.yml --job paths -- ${SAY_CACHED} "$HOME"`;
  const texts: string[] = [];
  for (const which of ["one", "two"]) {
    await until(() => inPlaces().length === 0, "the box before to be gone");
    const check = await stage.run(`${restores}; : paths ${which}`);
    texts.push(check.output.text ?? "");
  }
  expect(texts[0]).toContain("[:nothing True]");
  expect(texts[1]).toContain("[paths-1:npm True]");
  expect(texts[1]).toContain("/local/boxes/1/");
  const leases = audit(stateDir, "select lease_id from attempt order by created_at desc limit 2");
  expect(new Set(leases.map((lease) => lease["lease_id"])).size).toBe(2);
});

test("a set-up restores and saves as the cache-mode of its job says", async () => {
  const found = async (mode: string, which: string): Promise<string> => {
    const command = `/crabbox run --workflow moded.yml --job ${mode} -- ${SAY_CACHED}; : ${which}`;
    return (await stage.run(command)).output.text ?? "";
  };
  const saved = () => entries().filter(({ key }) => key === "moded-1").length;
  expect(await found("read", "early")).toContain("[:nothing True]");
  expect(saved()).toBe(0);
  expect(await found("write-only", "first")).toContain("[:nothing True]");
  expect(saved()).toBe(1);
  expect(await found("write-only", "second")).toContain("[:nothing True]");
  expect(await found("read", "late")).toContain("[moded-1:by write-only True]");
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
  expect(own.output.text).toContain("[deps-1:change True]");
});

test("what was saved while the App was dead is filed by the next one", async () => {
  const { app } = stage;
  const before = new Set((await stage.checks()).map(({ id }) => id));
  await stage.comment(`/crabbox run --workflow gated.yml --job gated -- ${SAY_CACHED}; : gated`);
  const waits = 'select 1 from attempt where phases like \'%"name":"waits"%\'';
  await until(() => audit(app.stateDir, waits).length > 0, "the step that waits");
  await app.end("SIGKILL");
  const boxes = join(app.stateDir, "local", "boxes");
  for (const box of readdirSync(boxes)) {
    const tree = join(boxes, box, "root", "work", "acme", "shop");
    if (existsSync(tree)) writeFileSync(join(tree, "gate"), "");
  }
  const saved = () =>
    readdirSync(boxes).some((box) => {
      const caches = join(boxes, box, "root", "caches");
      return existsSync(caches) && readdirSync(caches).some((name) => /^[0-9a-f]{64}$/u.test(name));
    });
  await until(saved, "the entry on the box");
  expect(entries().map(({ key }) => key)).not.toContain("gated-1");
  await app.start();
  const check = await until(
    async () => (await stage.checks()).find(({ id, status }) => !before.has(id) && status === "completed"),
    "the run to be ended by the next App",
  );
  expect(check.output.text).toContain("[:nothing True]");
  expect(entries().map(({ key }) => key)).toContain("gated-1");
});
