import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writtenPlace } from "../../app/caches/places.ts";
import { cacheRoom, contentOf, DAY_MS, repositoryOf, runOf, sends } from "./room.ts";

let room: Awaited<ReturnType<typeof cacheRoom>>;
beforeEach(async () => {
  room = await cacheRoom();
});
afterEach(() => room.end());

const own = runOf({ pullRequest: 7, baseRef: "release" });
const fork = runOf({ pullRequest: 9, baseRef: "release", trustDomain: "11:fork:9" });
const elsewhere = runOf({ repositoryId: 12, trustDomain: "12:trusted" });

describe("an entry", () => {
  it("never changes: the second of a name is passed over, another version is another entry", async () => {
    expect(await room.save(own, "k", "one")).toBe("kept");
    expect(await room.save(own, "k", "two")).toBe("exists");
    expect(await room.save(own, "k", "three", "w")).toBe("kept");
    expect(room.files()).toEqual([contentOf("one").sha256, contentOf("three").sha256].sort());
  });

  it("whose file was cleared away is kept anew, and opens as nothing until then", async () => {
    await room.save(own, "k", "one");
    rmSync(join(room.dir, "caches"), { recursive: true });
    expect(await room.caches.open(own.repositoryId, contentOf("one"))).toBeNull();
    await room.save(own, "k", "one");
    rmSync(join(room.dir, "caches"), { recursive: true });
    expect(await room.save(own, "k", "two")).toBe("kept");
    expect(room.files()).toEqual([contentOf("two").sha256]);
  });

  it("is refused with another size, a name or hash that is none, too much of it; nothing of it is left", async () => {
    const name = { place: writtenPlace(own), key: "k", version: "v" };
    const { sha256 } = contentOf("abc");
    const keep = (change: object, content: object = {}) =>
      room.caches.keep({ ...name, ...change }, { sha256, sizeBytes: 3, ...content }, sends("abc"));
    expect(await keep({}, { sizeBytes: 4 })).toBe("refused");
    expect(await keep({}, { sizeBytes: 101 })).toBe("refused");
    expect(await keep({}, { sha256: "../../etc/passwd" })).toBe("refused");
    expect(await keep({ key: "" })).toBe("refused");
    expect(await keep({ key: "k".repeat(513) })).toBe("refused");
    expect(await room.caches.keep(name, contentOf("abc"), async () => false)).toBe("absent");
    await expect(
      room.caches.keep(name, contentOf("abc"), async () => Promise.reject(new Error("the link is lost"))),
    ).rejects.toThrow("the link is lost");
    expect(room.files()).toEqual([]);
    expect(await room.offered(own)).toEqual([
      ["refs/pull/7/merge", []],
      ["refs/heads/release", []],
      ["refs/heads/main", []],
    ]);
  });

  it("is opened while a run may read it, survives the process, and is forgotten when its file is gone", async () => {
    await room.save(own, "k", "abc");
    const again = await room.reopened();
    const content = await again.open(11, contentOf("abc"));
    expect(Buffer.concat((await content?.toArray()) ?? []).toString()).toBe("abc");
    writeFileSync(join(room.dir, "caches", contentOf("abc").sha256), "ab");
    expect(await again.open(11, contentOf("abc"))).toBeNull();
    expect((await again.offer(own, repositoryOf(11))).scopes[0]?.entries).toEqual([]);
    expect(await again.open(11, contentOf("never saved"))).toBeNull();
    const kept = { place: writtenPlace(own), key: "k2", version: "v" };
    expect(await again.keep(kept, contentOf("x"), sends("x"))).toBe("kept");
    // As after a backup was restored, which has no files of theirs.
    rmSync(join(room.dir, "caches"), { recursive: true });
    expect((await again.offer(own, repositoryOf(11))).scopes[0]?.entries).toEqual([]);
  });
});

describe("room", () => {
  const big = (letter: string) => letter.repeat(100);

  it("the least recently used of a repository go, those of forks first; others keep theirs", async () => {
    expect(await room.save(elsewhere, "theirs", big("x"))).toBe("kept");
    for (const letter of "abcdefghij") await room.save(own, letter, big(letter));
    room.clock.advance(1);
    await (await room.caches.open(11, contentOf(big("a"))))?.toArray();
    await room.save(own, "k", big("k"));
    const [mine] = await room.offered(own);
    expect(mine).toEqual(["refs/pull/7/merge", ["a", "c", "d", "e", "f", "g", "h", "i", "j", "k"]]);
    await room.save(fork, "l", big("l"));
    expect(await room.offered(own)).toContainEqual(mine);
    expect((await room.offered(fork))[0]).toEqual(["refs/pull/9/merge", []]);
    expect((await room.offered(elsewhere))[0]).toEqual(["refs/pull/7/merge", ["theirs"]]);
    expect(room.files()).toHaveLength(11);
    expect(await room.store.cacheEntries.usage()).toEqual({ entries: 11, sizeBytes: 1_100 });
  });

  it("all repositories together have a bound too", async () => {
    for (const letter of "abcdefghij") await room.save(own, letter, big(letter));
    for (const letter of "klmnopqrst") await room.save(elsewhere, letter, big(letter));
    const third = runOf({ repositoryId: 13, trustDomain: "13:trusted" });
    await room.save(third, "u", big("u"));
    expect((await room.store.cacheEntries.usage()).sizeBytes).toBe(2_000);
    expect((await room.offered(own))[0]?.[1]).not.toContain("a");
    expect((await room.offered(third))[0]?.[1]).toEqual(["u"]);
  });

  it("a content that two entries have stays until both are gone; what nothing used for 7 days goes", async () => {
    await room.save(own, "k", "same");
    room.clock.advance(4 * DAY_MS);
    await room.save(elsewhere, "k", "same");
    await room.save(elsewhere, "later", "later");
    room.clock.advance(4 * DAY_MS);
    await room.caches.sweep();
    expect((await room.offered(own))[0]?.[1]).toEqual([]);
    expect((await room.offered(elsewhere))[0]?.[1]).toEqual(["k", "later"]);
    expect(room.files()).toHaveLength(2);
    await (await room.caches.open(12, contentOf("later")))?.toArray();
    room.clock.advance(4 * DAY_MS);
    await room.caches.sweep();
    expect((await room.offered(elsewhere))[0]?.[1]).toEqual(["later"]);
    expect(room.files()).toEqual([contentOf("later").sha256]);
  });

  it("off: nothing is offered and nothing kept", async () => {
    const off = await cacheRoom({ maxBytes: 0 });
    try {
      expect(await off.save(own, "k", "x")).toBe("refused");
      expect(await off.caches.offer(own, repositoryOf(11))).toMatchObject({ entryMaxBytes: 0 });
    } finally {
      await off.end();
    }
  });
});
