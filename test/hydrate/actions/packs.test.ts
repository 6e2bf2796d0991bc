import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { createMirrorSource } from "../../../app/hydrate/actions/mirror-source.ts";
import { createSystemClock } from "../../../app/clock.ts";
import { createPacks } from "../../../app/hydrate/actions/packs.ts";
import { bare, room } from "./repositories.ts";

function stage(maxBytes?: number) {
  const root = room();
  const dir = join(root, "packs");
  const source = createMirrorSource(root);
  const of = (name: string, files: Readonly<Record<string, string>>) => {
    const sha = bare(root, `acme/${name}`, files);
    return { archive: `acme+${name}+${sha}`, nwo: `acme/${name}`, sha };
  };
  return {
    root,
    dir,
    source,
    of,
    packs: createPacks(dir, createSystemClock(), maxBytes),
    again: () => createPacks(dir, createSystemClock(), maxBytes),
  };
}

test("a commit's tree is packed once, for later processes too, and read whole", async () => {
  const { root, dir, source, of, packs, again } = stage();
  const archive = of("tool", { "action.yml": "name: x\n", "dist/index.js": "1" });
  const [first, same] = await Promise.all([packs.pack(source, archive), packs.pack(source, archive)]);
  expect(same).toEqual(first);
  rmSync(join(root, "acme/tool.git"), { recursive: true });
  expect(await again().pack(source, archive)).toEqual(first);
  expect(readdirSync(dir)).toEqual([`${archive.archive}.tar.gz`]);
  const content = await buffer(packs.open(first));
  expect(createHash("sha256").update(content).digest("hex")).toBe(first.sha256);
  expect(content.length).toBe(first.sizeBytes);
  const listed = execFileSync("tar", ["-tz"], { input: content, encoding: "utf8" });
  expect(listed).toContain("./dist/index.js");
});

test("what lies on the disk is hashed again by each process, so a changed pack is not taken for the first", async () => {
  const { dir, source, of, packs, again } = stage();
  const archive = of("tool", { "action.yml": "name: x\n" });
  const first = await packs.pack(source, archive);
  const file = join(dir, `${archive.archive}.tar.gz`);
  const content = readFileSync(file);
  content[content.length - 1] = (content.at(-1) ?? 0) ^ 1;
  writeFileSync(file, content);
  expect((await again().pack(source, archive)).sha256).not.toBe(first.sha256);
});

test("a commit that cannot be had leaves nothing, and is had when it is there", async () => {
  const { root, dir, source, of, packs } = stage();
  const archive = of("tool", { "action.yml": "name: x\n" });
  const missing = { ...archive, nwo: "acme/gone" };
  await expect(packs.pack(source, missing)).rejects.toMatchObject({ code: expect.any(String) });
  expect(readdirSync(dir)).toEqual([]);
  expect(existsSync(join(root, "acme/tool.git"))).toBe(true);
  expect(await packs.pack(source, archive)).toMatchObject({ archive: archive.archive });
});

test("the least recently used go when there are too many, and are made again", async () => {
  const { dir, source, of, packs } = stage(1);
  const one = await packs.pack(source, of("one", { a: "1" }));
  const asked = of("two", { a: "2" });
  await packs.pack(source, asked);
  expect(readdirSync(dir)).toEqual([`${asked.archive}.tar.gz`]);
  expect(() => packs.open(one)).toThrow(expect.objectContaining({ code: "task_refused" }));
});

test("names that are no archive's open and make nothing", async () => {
  const { root, source, of, packs } = stage();
  const archive = { ...of("tool", { a: "1" }), archive: "../outside" };
  await expect(packs.pack(source, archive)).rejects.toMatchObject({ code: "internal" });
  expect(existsSync(join(root, "outside.tar.gz"))).toBe(false);
  expect(() => packs.open({ archive: "../outside", sha256: "", sizeBytes: 0 })).toThrow("not there");
});
