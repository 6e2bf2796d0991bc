import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { claimRunDir, removeLeftRuns } from "../../app/job/left-runs.ts";
import { until } from "../servers/until.ts";
import { openJobStage, type JobStage } from "./stage.ts";

let stage: JobStage;
beforeAll(() => {
  stage = openJobStage();
  stage.write({
    ".github/workflows/long.yml": workflow("trap '' INT TERM; echo begun; sleep 604"),
    ".github/workflows/short.yml": workflow("pwd"),
  });
});
afterAll(() => stage.close());

const workflow = (run: string) =>
  `on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: "${run}" }] } }\n`;
const dirs = (): readonly string[] =>
  readdirSync(stage.dir).filter((name) => /^crabbox-job-[0-9a-f]{10}-/u.test(name));
const processes = (): string => execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });

async function begun(): Promise<ReturnType<JobStage["start"]>> {
  const child = stage.start(["job", "--repo", stage.repo, "--workflow", "long.yml"]);
  let out = "";
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  await until(() => /^begun$/mu.test(out) && /^sleep 604$/mu.test(processes()), "the step to begin");
  return child;
}

describe("what ends `crabbox-app job`", () => {
  test("a second Ctrl-C: no process and no file of it stays", async () => {
    const child = await begun();
    const closed = once(child, "close");
    // Again and again: two of a kind that wait to be handled are one.
    const again = setInterval(() => child.kill("SIGINT"), 200);
    const [code] = (await closed) as [number | null];
    clearInterval(again);
    expect(code).toBe(130);
    expect(dirs()).toEqual([]);
    await until(() => !/^sleep 604$/mu.test(processes()), "its step to be gone");
  });

  test("SIGKILL: the next run ends its steps, removes its files, and has its place", async () => {
    const child = await begun();
    const [place] = dirs();
    child.kill("SIGKILL");
    await once(child, "exit");
    const { code, out } = await stage.run(["job", "--repo", stage.repo, "--workflow", "short.yml"]);
    expect(code).toBe(0);
    expect(out).toContain(`${place}/job/`);
    expect(dirs()).toEqual([]);
    await until(() => !/^sleep 604$/mu.test(processes()), "its step to be gone");
  });
});

test("directories of who lives, of other containers and of nobody known stay", async () => {
  const parent = mkdtempSync(join(tmpdir(), "crabbox-left-"));
  const make = (name: string, owner?: string): string => {
    const dir = join(parent, `crabbox-job-${name}`);
    mkdirSync(dir);
    claimRunDir(dir);
    if (owner !== undefined) writeFileSync(join(dir, "owner"), owner);
    return dir;
  };
  const own = readFileSync(join(make("0123456789-1"), "owner"), "utf8");
  const ended = spawn("true");
  await once(ended, "exit");
  const dead = own.replace(/\d+ \d+\n$/u, `1 ${ended.pid}\n`);
  make("0123456789-2", dead);
  make("0123456789-3", dead.replace("pid:[", "pid:[9"));
  make("0123456789-4", dead.replace(/^[^/]+/u, "another-boot"));
  rmSync(join(make("0123456789-5"), "owner"));
  mkdirSync(join(make("0123456789-6", dead), "taken"));
  make("test-xyz", dead);
  make("0123456789-7", "");
  try {
    removeLeftRuns(parent);
    const there = (at: string): boolean => existsSync(join(parent, `crabbox-job-${at}`));
    expect([1, 2, 3, 4, 5, 6, 7].map((at) => there(`0123456789-${at}`))).toEqual([
      true,
      false,
      true,
      false,
      true,
      true,
      true,
    ]);
    expect(there("test-xyz")).toBe(true);
    expect(existsSync(join(parent, "crabbox-job-0123456789-1", "taken"))).toBe(false);
  } finally {
    rmSync(parent, { recursive: true, force: true });
  }
});
