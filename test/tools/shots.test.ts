import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = join(import.meta.dirname, "..", "..", "tools", "shots", "main.ts");
const WITHIN_MS = 60_000;

const shots = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: "utf8",
    timeout: WITHIN_MS,
    env: { ...process.env, ...env },
  });

test("says what it does, and where the pictures go", () => {
  const { status, stdout } = shots(["--help"]);
  expect(status).toBe(0);
  expect(stdout).toContain("docs/screenshots");
});

test.each([
  [["--form"], "--form"],
  [["--provider", "moon"], 'no provider "moon"'],
  [["--image", "debian"], "--provider docker"],
  [["--every"], "--to DIR"],
])("%j is refused with what to do", (args, part) => {
  const { status, stderr } = shots(args);
  expect(status).toBe(2);
  expect(stderr).toContain(part);
  expect(stderr).toContain("--help");
});

test("without Chromium nothing is started, and the cure is said", () => {
  const { status, stdout, stderr } = shots([], { CHROMIUM: "/nowhere/chromium" });
  expect(status).toBe(1);
  expect(stdout).toBe("");
  expect(stderr).toContain("CHROMIUM=");
});
