import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArtifacts } from "../../app/artifacts/artifacts.ts";
import { createCacheFiles } from "../../app/caches/files.ts";
import { ids } from "../store/fixture.ts";
import { artifactRoom, contentOf, DAY_MS, sends } from "./room.ts";

let room: Awaited<ReturnType<typeof artifactRoom>>;
beforeEach(async () => {
  room = await artifactRoom();
});
afterEach(() => room.end());

describe("keeping", () => {
  it("is there whole or not at all, and only once by its name", async () => {
    const run = await room.run();
    expect(await room.keep(run, "out/a", "aaa")).toBe("kept");
    expect(await room.keep(run, "out/a", "other")).toBe("exists");
    const [artifact] = await room.artifacts.ofRun(run.id);
    const content = artifact === undefined ? null : await room.artifacts.open(artifact);
    expect(content === null ? null : await text(content)).toBe("aaa");
    expect(room.files()).toEqual([contentOf("aaa").sha256]);
  });

  it("refuses what is no hash, no name, too large, or not what was announced", async () => {
    const run = await room.run();
    const told = room.toldOf(run, "a", "aaa");
    const keep = (change: object) => room.artifacts.keep({ ...told, ...change }, sends("aaa"));
    expect(await keep({ sha256: "../../etc" })).toBe("refused");
    expect(await keep({ name: "a\nb" })).toBe("refused");
    expect(await keep({ name: "" })).toBe("refused");
    expect(await keep({ sizeBytes: 101 })).toBe("refused");
    expect(await keep({ sizeBytes: 2 })).toBe("refused");
    expect(await room.artifacts.keep(told, async () => false)).toBe("absent");
    expect(await room.names(run)).toEqual([]);
    expect(room.files()).toEqual([]);
  });

  it("a content that another run has is fetched all the same: knowing a hash is not having its content", async () => {
    const theirs = await room.run({ repositoryId: 12, accountId: 2 });
    await room.keep(theirs, "secret", "secret");
    const run = await room.run();
    expect(await room.artifacts.keep(room.toldOf(run, "mine", "secret"), async () => false)).toBe("absent");
    expect(await room.names(run)).toEqual([]);
    // Both have it: it goes with the last.
    expect(await room.keep(run, "mine", "secret")).toBe("kept");
    expect(room.files()).toHaveLength(1);
  });

  it("what died between file and row is listed nowhere, made good by the next, and swept when it is old", async () => {
    const run = await room.run();
    await room.keep(run, "a", "aaa");
    // As a process leaves it that is killed right before the row: the file has its name already.
    await room.store.artifacts.forget(contentOf("aaa").sha256);
    expect(await room.names(run)).toEqual([]);
    const next = await room.reopened();
    expect(await next.keep(room.toldOf(run, "a", "aaa"), sends("aaa"))).toBe("kept");
    expect((await next.ofRun(run.id)).map(({ name }) => name)).toEqual(["a"]);
    const file = join(room.dir, "artifacts", "f".repeat(64));
    writeFileSync(file, "left");
    const old = (room.clock.now() - DAY_MS) / 1_000;
    utimesSync(file, old, old);
    expect(await next.sweep()).toBe(1);
    expect(room.files()).not.toContain("f".repeat(64));
  });
});

describe("a row whose file is gone", () => {
  it("is forgotten alone: one of the same content that comes meanwhile stays, and is served", async () => {
    const first = await room.run();
    const second = await room.run();
    await room.keep(first, "a", "aaa");
    const [artifact] = await room.artifacts.ofRun(first.id);
    rmSync(join(room.dir, "artifacts"), { recursive: true });
    const files = createCacheFiles(join(room.dir, "artifacts"));
    let looks = 0;
    const open = async (sha256: string, sizeBytes: number) => {
      const content = await files.open(sha256, sizeBytes);
      if ((looks += 1) === 1) expect(await artifacts.keep(again, sends("aaa"))).toBe("kept");
      return content;
    };
    const artifacts = createArtifacts({
      rows: room.store.artifacts,
      files: { ...files, open },
      limits: room.limits,
      clock: room.clock,
    });
    const again = { ...room.toldOf(second, "b", "aaa"), attemptId: ids.attempt() };
    const content = artifact === undefined ? null : await artifacts.open(artifact);
    expect(content === null ? null : await text(content)).toBe("aaa");
    expect(await room.names(second)).toEqual(["b"]);
  });
});

describe("going", () => {
  it("by age: the limit's, or sooner when its maker wanted so, never later", async () => {
    const run = await room.run();
    await room.keep(run, "plain", "1");
    await room.keep(run, "short", "2", { keepMs: DAY_MS });
    await room.keep(run, "long", "3", { keepMs: 90 * DAY_MS });
    room.clock.advance(2 * DAY_MS);
    // Not listed any more, also before a sweep.
    expect(await room.names(run)).toEqual(["long", "plain"]);
    expect(await room.artifacts.sweep()).toBe(1);
    room.clock.advance(13 * DAY_MS);
    expect(await room.artifacts.sweep()).toBe(2);
    expect(room.files()).toEqual([]);
  });

  it("by size: the least recently made of the repository, then of all", async () => {
    const first = await room.run();
    await room.keep(first, "a", "a".repeat(60));
    const second = await room.run();
    await room.keep(second, "b", "b".repeat(60));
    expect(await room.names(first)).toEqual([]);
    expect(await room.names(second)).toEqual(["b"]);
    const others = [];
    for (const id of [12, 13]) {
      const other = await room.run({ repositoryId: id, accountId: id - 10 });
      await room.keep(other, "c", `${id}`.repeat(40));
      others.push(other);
    }
    expect(await room.names(second)).toEqual([]);
    for (const other of others) expect(await room.names(other)).toEqual(["c"]);
    expect(room.files()).toHaveLength(2);
  });

  it("a row whose file is gone, as after a restore from a backup, is not listed", async () => {
    const run = await room.run();
    await room.keep(run, "a", "aaa");
    const [artifact] = await room.artifacts.ofRun(run.id);
    rmSync(join(room.dir, "artifacts"), { recursive: true });
    expect(await room.names(run)).toEqual([]);
    expect(artifact === undefined ? null : await room.artifacts.open(artifact)).toBeNull();
  });
});
