import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

const MODULE = pathToFileURL(join(import.meta.dirname, "../../app/cli/kept-code.mjs")).href;
const RUNNER = pathToFileURL(join(import.meta.dirname, "../../app/cli/run-kept.mjs")).href;
const WORKFLOW = `on: push
jobs: { hello: { runs-on: ubuntu-latest, steps: [{ run: seq 1000000 }] } }
`;
let dir: string;

beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), "crabbox-kept-"))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** In a program of its own, as the CLI's door is. */
function ask(call: string): unknown {
  const program = `const m = await import(${JSON.stringify(MODULE)}); const dir = ${JSON.stringify(dir)};
    console.log(JSON.stringify((await ${call}) ?? null));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  return JSON.parse(out);
}

test("what is kept runs by itself, answers as the sources do, and counts until one of them changes", () => {
  expect(ask("m.keptCode(dir)")).toBeNull();
  ask("m.keepCode(dir)");
  const kept = ask("m.keptCode(dir)") as string;
  const args = ["job", "--workflow"];
  const run = (file: string): unknown => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [file, ...args], { encoding: "utf8" });
    return { status, stdout, stderr };
  };
  expect(run(kept)).toEqual(run(join(import.meta.dirname, "../../app/cli/main.ts")));

  const list = join(dir, "kept.json");
  const { name, sources } = JSON.parse(readFileSync(list, "utf8")) as { name: string; sources: string[][] };
  expect(sources.some(([path]) => path?.endsWith("app/job/run-leg.ts"))).toBe(true);
  const [[first] = []] = sources;
  writeFileSync(list, JSON.stringify({ name, sources: [[first, "0 0 0"], ...sources.slice(1)] }));
  expect(ask("m.keptCode(dir)")).toBeNull();
  writeFileSync(list, JSON.stringify({ name, sources: [[join(dir, "gone"), "0 0 0"]] }));
  expect(ask("m.keptCode(dir)")).toBeNull();
  writeFileSync(list, "{ half");
  expect(ask("m.keptCode(dir)")).toBeNull();
});

test("what V8 made of it is kept after a job that succeeded, and is made anew when V8 refuses it", () => {
  ask("m.keepCode(dir)");
  const kept = ask("m.keptCode(dir)") as string;
  const compiled = `${kept}.v8`;
  const repo = join(dir, "repo");
  mkdirSync(repo);
  execFileSync("git", ["-C", repo, "init", "--quiet"]);
  writeFileSync(join(repo, "w.yml"), WORKFLOW);
  // Through a pipe of the shell's, whose reader is slower than a program that ends at once.
  const run = (...args: string[]): unknown => {
    const program = `process.argv.splice(1, 0, "crabbox-app"); const m = await import(${JSON.stringify(RUNNER)});
      process.once("exit", (code) => console.error("ended with", code));
      await m.runKept(${JSON.stringify(kept)}); await m.endNow();`;
    const job = [
      process.execPath,
      "--input-type=module",
      "-e",
      program,
      "--",
      "job",
      "--repo",
      repo,
      ...args,
    ];
    const env = { ...process.env, XDG_CACHE_HOME: join(dir, "cache"), TMPDIR: dir };
    const { stdout, stderr } = spawnSync("sh", ["-c", '"$@" | tail -n 3', "sh", ...job], {
      encoding: "utf8",
      env,
    });
    return { stdout, stderr };
  };
  const ended = (code: number): unknown => expect.stringContaining(`ended with ${code}\n`);
  expect(run("--help")).toMatchObject({ stderr: ended(0) });
  expect(run("--workflow", "none.yml")).toMatchObject({ stderr: ended(1) });
  expect(existsSync(compiled)).toBe(false);

  const job = { stdout: expect.stringContaining("job hello: success") as string, stderr: ended(0) };
  expect(run("--workflow", "w.yml")).toMatchObject(job);
  const made = statSync(compiled);
  expect(run("--workflow", "w.yml")).toMatchObject(job);
  expect(statSync(compiled).ino).toBe(made.ino);
  writeFileSync(compiled, "of another V8");
  expect(run("--workflow", "w.yml")).toMatchObject(job);
  expect(statSync(compiled).size).toBeGreaterThan(made.size / 2);
});

test("a folder that cannot be written is an error to the caller, who does without", () => {
  rmSync(dir, { recursive: true });
  symlinkSync("/proc/nowhere", dir);
  expect(() => ask("m.keepCode(dir)")).toThrow();
  expect(ask("m.keptCode(dir)")).toBeNull();
});
