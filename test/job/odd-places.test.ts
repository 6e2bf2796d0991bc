import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJobStage, logOf, type JobStage } from "./stage.ts";

const CI = ".github/workflows/ci.yml";
const TELLS = `on: push
jobs:
  a: { runs-on: ubuntu-latest, steps: [{ run: 'pwd; echo "branch:$(git branch --show-current):"; ls' }] }
`;
let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  stage.write({ [CI]: TELLS });
});
afterAll(() => stage.close());

const git = (...args: string[]) => execFileSync("git", ["-C", stage.repo, ...args]);
const run = (env: Readonly<Record<string, string>>, ...args: string[]) =>
  stage.run(["job", "--repo", stage.repo, "--workflow", "ci.yml", ...args], env);

test("the workspace is at the same place each time, for caches name files by it; another run beside gets its own", async () => {
  const placeOf = async () =>
    /^\/.*shop\/shop$/mu.exec(logOf((await stage.json(["--workflow", "ci.yml"])).lines))?.[0];
  const first = await placeOf();
  expect(first).toContain("crabbox-job-");
  expect(await placeOf()).toBe(first);
  const taken = join(stage.dir, first?.slice(stage.dir.length + 1).split("/")[0] ?? "");
  mkdirSync(taken);
  writeFileSync(join(taken, "kept"), "");
  expect(await placeOf()).not.toBe(first);
  expect(existsSync(join(taken, "kept"))).toBe(true);
  rmSync(taken, { recursive: true });
});

test("without a branch checked out the copy has none either", async () => {
  git("checkout", "--quiet", "--detach");
  const { lines } = await stage.json(["--workflow", "ci.yml"]);
  git("checkout", "--quiet", "main");
  expect(logOf(lines)).toContain("branch::");
});

test("a place that cannot be written, and a machine without git, are told with what to do", async () => {
  const file = join(stage.dir, "file");
  writeFileSync(file, "");
  expect(await run({ TMPDIR: file })).toMatchObject({
    code: 1,
    err: expect.stringMatching(/ENOTDIR.*\nTMPDIR=/u),
  });
  const kept = await run({ XDG_CACHE_HOME: file });
  expect(kept).toMatchObject({
    code: 1,
    err: expect.stringMatching(/cannot be written.*\nXDG_CACHE_HOME=/u),
  });
  const bin = join(stage.dir, "bin");
  mkdirSync(bin);
  symlinkSync("/bin/sh", join(bin, "sh"));
  expect(await run({ PATH: bin })).toMatchObject({
    code: 1,
    err: expect.stringContaining("no `git` on the PATH"),
  });
  expect(await stage.run(["job", "--repo", bin, "--workflow", "x"])).toMatchObject({
    code: 1,
    err: expect.stringContaining("not a git repository"),
  });
});

test("a copy that fails says so, and no more", async () => {
  const dir = join(stage.dir, "broken");
  mkdirSync(dir);
  for (const name of ["git", "node", "mkfifo"]) {
    const at = execFileSync("/bin/sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    symlinkSync(at, join(dir, name));
  }
  writeFileSync(join(dir, "tar"), "#!/bin/sh\nexit 2\n", { mode: 0o755 });
  const { code, err } = await run({ PATH: dir });
  expect(code).toBe(1);
  expect(err).toContain("could not be copied.\nLook at what tar printed");
  expect(err).not.toContain("undefined");
});

test("a reader that goes away ends the run, and nothing of it is left", async () => {
  stage.write({
    [CI]: "on: push\njobs:\n  a: { runs-on: ubuntu-latest, steps: [{ run: 'while sleep 0.1; do echo more; done' }] }\n",
  });
  const child = stage.start(["job", "--repo", stage.repo, "--workflow", "ci.yml", "--json"]);
  let err = "";
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  child.stdout?.once("data", () => child.stdout?.destroy());
  expect(await once(child, "close")).toEqual([1, null]);
  expect(err).toBe("");
  expect(readdirSync(stage.dir).filter((name) => /^crabbox-job-[0-9a-f]/u.test(name))).toEqual([]);
});

test("an event that GitHub does not have is no event", async () => {
  expect(await run({}, "--event", "pul_request")).toMatchObject({
    code: 1,
    err: 'There is no event "pul_request".\nDid you mean pull_request?\n',
  });
});

test("explain says that no workflow can be read", async () => {
  stage.write({ [CI]: "on: push\njobs: [" });
  const { code, out, err } = await stage.run(["explain", "--repo", stage.repo]);
  expect(code).toBe(1);
  expect(err).toContain("ci.yml:");
  expect(out).toContain("No workflow can be read. Mend the faults");
});

test("a condition with text around its braces is told to be always true, and does run", async () => {
  stage.write({
    ".github/workflows/odd.yml":
      "on: push\njobs:\n  k:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ran all the same\n        if: ${{ false }} && true\n",
  });
  const ran = await stage.run(["job", "--repo", stage.repo, "--workflow", "odd.yml"]);
  expect(ran).toMatchObject({ code: 0, out: expect.stringContaining("ran all the same") });
  const told = /odd\.yml:7:13: jobs\.k\.steps\[0\]\.if: This condition is always true/u;
  expect(`${ran.out}${ran.err}`).toMatch(told);
  const explained = await stage.run(["explain", "--repo", stage.repo, "--workflow", "odd.yml"]);
  expect(explained.err).toMatch(told);
});
