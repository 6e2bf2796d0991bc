import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createCacheFiles, type ComingBytes } from "../../app/caches/files.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-files-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** More than half of what the disk has: there is room for one. */
function largeBytes(): number {
  const { bavail, bsize } = statfsSync(dir);
  return Math.floor(bavail * bsize * 0.6);
}

test("two folders of a disk do not promise the same bytes, also at once; what is dropped is free again", async () => {
  const coming: ComingBytes = new Map();
  const caches = createCacheFiles(join(dir, "caches"), coming);
  const artifacts = createCacheFiles(join(dir, "artifacts"), coming);
  const begun = await Promise.all([caches.begin(largeBytes()), artifacts.begin(largeBytes())]);
  const given = begun.filter((one) => one !== null);
  expect(given).toHaveLength(1);
  for (const { path, target } of given) {
    target.destroy();
    await (begun[0] === null ? artifacts : caches).drop(path);
  }
  const next = await artifacts.begin(largeBytes());
  expect(next).not.toBeNull();
  next?.target.destroy();
});

test("what a killed process left half is removed at the next look, what this one is fetching is not", async () => {
  const files = createCacheFiles(dir);
  const left = `.${"0".repeat(24)}`;
  writeFileSync(join(dir, left), "half");
  const begun = await files.begin(10);
  expect(await files.old(Date.now())).toEqual([]);
  expect([...(await files.all())].map((name) => join(dir, name))).toEqual([begun?.path]);
  begun?.target.destroy();
});

test("a file that cannot be made promises nothing", async () => {
  const coming: ComingBytes = new Map();
  // A folder may be there whose files' paths are too long for Linux (4,096 bytes).
  let folder = dir;
  while (folder.length < 4_080) folder += `/${"x".repeat(Math.min(200, 4_084 - folder.length))}`;
  const files = createCacheFiles(folder, coming);
  await expect(files.begin(10)).rejects.toMatchObject({ code: "ENAMETOOLONG" });
  expect(coming.size).toBe(0);
});
