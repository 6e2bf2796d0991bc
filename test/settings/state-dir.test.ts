import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openStateDir } from "../../app/state-dir.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "state-dir-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it("is made with all that is missing above it, and made again", () => {
  const path = join(dir, "a", "b", "c");
  expect(openStateDir(path)).toBe(path);
  expect(openStateDir(path)).toBe(path);
  expect(existsSync(path)).toBe(true);
});

it.each([
  ["below a file", () => join(dir, "file", "a", "b")],
  ["below a link to nowhere", () => join(dir, "dangling", "a")],
  ["a link to nowhere", () => join(dir, "dangling")],
  ["where the kernel makes no directories", () => "/proc/nobody/a/b"],
])("%s: an error that says so, at once", (_where, path) => {
  writeFileSync(join(dir, "file"), "");
  symlinkSync(join(dir, "nowhere"), join(dir, "dangling"));
  expect(() => openStateDir(path())).toThrow(expect.objectContaining({ code: "bad_settings" }));
});
