import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createSystemClock } from "../../../app/clock.ts";
import { createGithubSource } from "../../../app/hydrate/actions/github-source.ts";
import { createCommitCache } from "../../../app/hydrate/actions/commit-cache.ts";
import { keepRecent } from "../../../app/hydrate/actions/least-used.ts";
import { bare, room } from "./repositories.ts";

const HOUR_MS = 3_600_000;

/** An entry of so many bytes, last used so many hours ago. */
function entry(dir: string, name: string, sizeBytes: number, hours: number): string {
  const path = join(dir, "acme", "tool", name);
  mkdirSync(join(path, "objects"), { recursive: true });
  writeFileSync(join(path, "objects", "pack"), Buffer.alloc(sizeBytes));
  const at = new Date(Date.now() - hours * HOUR_MS);
  utimesSync(path, at, at);
  return path;
}

test("the least recently used go until there is room; what was used just now and what is young stays", () => {
  const dir = room();
  const [oldest, old, newer] = [3, 2, 1].map((hours) => entry(dir, `${hours}.git`, 40_000, hours));
  const now = entry(dir, "0.git", 400_000, 0);
  keepRecent(dir, 470_000, Date.now());
  expect([oldest, old, newer, now].map((path) => existsSync(path ?? ""))).toEqual([false, false, true, true]);
  keepRecent(dir, 1, Date.now());
  expect([newer, now].map((path) => existsSync(path ?? ""))).toEqual([false, true]);
});

test("what a process that died has left goes, whatever room there is; what another one begins stays", () => {
  const dir = room();
  const left = entry(dir, `${"a".repeat(40)}.git.part-0123456789ab`, 10, 1);
  const begun = entry(dir, `${"b".repeat(40)}.git.part-0123456789ab`, 10, 0);
  keepRecent(dir, 1e9, Date.now());
  expect([left, begun].map((path) => existsSync(path))).toEqual([false, true]);
  keepRecent(join(dir, "none"), 1, Date.now());
});

test("a commit that is used stays for longer than one that is not", async () => {
  const root = room();
  const shas = ["a", "b", "c"].map((name) => bare(root, `acme/${name}`, { "action.yml": `name: ${name}\n` }));
  const dir = join(root, "cache");
  const of = (at: number) => join(dir, "acme", "abc"[at] ?? "", `${shas[at]}.git`);
  const source = createGithubSource({ baseUrl: `file://${root}`, cacheDir: dir, clock: createSystemClock() });
  for (const at of [0, 1]) await source.file(`acme/${"abc"[at]}`, shas[at] ?? "", "action.yml");
  const past = new Date(Date.now() - HOUR_MS);
  for (const at of [0, 1]) utimesSync(of(at), past, past);
  await source.file("acme/a", shas[0] ?? "", "action.yml");
  const small = createCommitCache({
    dir,
    urlOf: (nwo) => `file://${root}/${nwo}.git`,
    env: {},
    say: () => undefined,
    clock: createSystemClock(),
    maxBytes: 1,
  });
  expect(await small.have("acme/c", shas[2] ?? "")).toMatchObject({ ok: true });
  expect([0, 1, 2].map((at) => existsSync(of(at)))).toEqual([true, false, true]);
});
