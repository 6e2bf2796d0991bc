import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRun, type Run } from "../../app/job/open-run.ts";
import { repositoryFacts } from "../../app/job/repository-facts.ts";

const WHO = ["-c", "user.name=Ann", "-c", "user.email=ann@example.org"];
let dir: string;
let repo: string;
let run: Run;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-run-"));
  repo = join(dir, "shop");
  mkdirSync(repo);
  const git = (...args: string[]) => execFileSync("git", [...WHO, "-C", repo, ...args]);
  git("init", "--quiet");
  for (const name of ["a", "b"]) writeFileSync(join(repo, name), `${name}\n`);
  git("add", ".");
  git("commit", "--quiet", "-m", "first");
  run = openRun(await repositoryFacts(repo));
});
afterEach(async () => {
  await run.close();
  rmSync(dir, { recursive: true, force: true });
});

test("each job has a copy of its own, the first as the others, and nothing lies beside them", async () => {
  const places = ["one", "two"].map((name) => join(run.dir, name));
  for (const [at, place] of places.entries()) {
    await run.copyTo(place);
    expect(readFileSync(join(place, "a"), "utf8")).toBe("a\n");
    writeFileSync(join(place, "a"), `changed in ${at}`);
    expect(execFileSync("git", ["-C", place, "status", "--short"], { encoding: "utf8" })).toBe(" M a\n");
  }
  expect(readdirSync(run.dir).toSorted()).toEqual(["one", "owner", "two"]);
  expect(readFileSync(join(repo, "a"), "utf8")).toBe("a\n");
});

test("closed while it copies, it ends that and leaves nothing", async () => {
  await run.close();
  expect(existsSync(run.dir)).toBe(false);
  await expect(run.copyTo(join(run.dir, "one"))).rejects.toThrow();
  await run.close();
});

test("a copy that cannot be made is told to the job that wants it", async () => {
  await run.close();
  run = openRun({ ...(await repositoryFacts(repo)), root: join(dir, "gone") });
  await expect(run.copyTo(join(run.dir, "one"))).rejects.toThrow("gone");
});
