import { afterEach, beforeEach, expect, test } from "vitest";

import { VERSION, putBlob, putBlock, putBlockList } from "./client.ts";
import type { Stage } from "./stage.ts";
import { createStage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  expect(stage.faults).toEqual([]);
  await stage.close();
});

test("a later run restores what an earlier one saved", async () => {
  const first = await stage.job({ run: "1" });
  expect(await first.restore("npm-1")).toBeUndefined();
  expect((await first.save("npm-1", "content")).json).toMatchObject({ ok: true });
  const second = await stage.job({ run: "2" });
  expect(await second.restore("npm-1")).toEqual({ key: "npm-1", content: "content" });
});

test("the exact key, then the newest that begins with it, then the restore keys in order", async () => {
  const job = await stage.job();
  for (const key of ["npm-linux-1", "npm-linux-2", "npm-mac-1", "pip-1"]) {
    await job.save(key, `of ${key}`);
    stage.clock.ms += 1000;
  }
  expect(await job.restore("npm-linux-1", ["npm-"])).toMatchObject({ key: "npm-linux-1" });
  expect(await job.restore("npm-linux-")).toMatchObject({ key: "npm-linux-2" });
  expect(await job.restore("none", ["npm-linux", "pip"])).toMatchObject({ key: "npm-linux-2" });
  expect(await job.restore("none", ["go", "npm-"])).toMatchObject({ key: "npm-mac-1" });
  expect(await job.restore("none", [])).toBeUndefined();
});

test("another version is another cache", async () => {
  const job = await stage.job();
  await job.save("k", "one", "1".repeat(64));
  expect(await job.restore("k", ["k"], "2".repeat(64))).toBeUndefined();
  await job.save("k", "two", "2".repeat(64));
  expect(await job.restore("k", [], "1".repeat(64))).toMatchObject({ content: "one" });
  expect(await job.restore("k", [], "2".repeat(64))).toMatchObject({ content: "two" });
});

test("an entry never changes", async () => {
  const job = await stage.job();
  await job.save("k", "first");
  expect(await job.save("k", "second")).toMatchObject({ status: 409, json: { code: "already_exists" } });
  expect(await job.restore("k")).toMatchObject({ content: "first" });
});

test("of two jobs that save one key at once the first to end wins", async () => {
  const [a, b] = [await stage.job({ job: "a" }), await stage.job({ job: "b" })];
  const reserve = { key: "k", version: VERSION };
  const urls = [await a.twirp("CreateCacheEntry", reserve), await b.twirp("CreateCacheEntry", reserve)];
  const [ofA, ofB] = urls.map(({ json }) => String(json["signed_upload_url"]));
  await putBlob(ofA ?? "", "from a");
  await putBlob(ofB ?? "", "from b");
  const end = { ...reserve, size_bytes: "6" };
  expect((await b.twirp("FinalizeCacheEntryUpload", end)).status).toBe(200);
  expect((await a.twirp("FinalizeCacheEntryUpload", end)).status).toBe(409);
  expect(await a.restore("k")).toMatchObject({ content: "from b" });
});

test("blocks come in any order, twice, or in vain: the list says what counts", async () => {
  const job = await stage.job();
  const { json } = await job.twirp("CreateCacheEntry", { key: "k", version: VERSION });
  const url = String(json["signed_upload_url"]);
  for (const [id, text] of [
    ["c", "three"],
    ["a", "lost"],
    ["b", "two "],
    ["a", "one "],
    ["d", "in vain"],
  ] as const)
    expect((await putBlock(url, id, text)).status).toBe(201);
  expect((await putBlockList(url, ["a", "nowhere"])).status).toBe(400);
  expect((await putBlockList(url, ["a", "b", "c"])).status).toBe(201);
  const end = { key: "k", version: VERSION, sizeBytes: "13" };
  expect((await job.twirp("FinalizeCacheEntryUpload", end)).json).toMatchObject({ ok: true });
  expect(await job.restore("k")).toMatchObject({ content: "one two three" });
});

test("nothing is seen before the end, and nothing of another size is kept", async () => {
  const job = await stage.job();
  const name = { key: "k", version: VERSION };
  const { json } = await job.twirp("CreateCacheEntry", name);
  const url = String(json["signed_upload_url"]);
  await putBlock(url, "a", "half");
  expect(await job.restore("k")).toBeUndefined();
  await putBlob(url, "whole");
  expect(await job.restore("k")).toBeUndefined();
  const end = await job.twirp("FinalizeCacheEntryUpload", { ...name, size_bytes: 6 });
  expect(end).toMatchObject({ status: 412, json: { code: "failed_precondition" } });
  expect(await job.restore("k")).toBeUndefined();
  // Forgotten: the key is free again, and there is nothing to end.
  expect((await job.twirp("FinalizeCacheEntryUpload", { ...name, size_bytes: 5 })).status).toBe(404);
  expect((await job.save("k", "new")).status).toBe(200);
});

test("ranges, also over the borders of blocks", async () => {
  const job = await stage.job();
  const name = { key: "k", version: VERSION };
  const { json } = await job.twirp("CreateCacheEntry", name);
  const upload = String(json["signed_upload_url"]);
  for (const id of ["0123", "4567", "89"]) await putBlock(upload, id, id);
  await putBlockList(upload, ["0123", "4567", "89"]);
  await job.twirp("FinalizeCacheEntryUpload", { ...name, size_bytes: "10" });
  const found = await job.twirp("GetCacheEntryDownloadURL", { ...name, restore_keys: [] });
  const url = String(found.json["signed_download_url"]);
  const get = async (header: string, range: string): Promise<[number, string, string | null]> => {
    const got = await fetch(url, { headers: { [header]: range } });
    return [got.status, await got.text(), got.headers.get("content-range")];
  };
  expect(await get("range", "bytes=0-9")).toEqual([206, "0123456789", "bytes 0-9/10"]);
  expect(await get("x-ms-range", "bytes=2-8")).toEqual([206, "2345678", "bytes 2-8/10"]);
  expect(await get("range", "bytes=4-4")).toEqual([206, "4", "bytes 4-4/10"]);
  expect(await get("range", "bytes=7-99999")).toEqual([206, "789", "bytes 7-9/10"]);
  expect(await get("range", "bytes=-3")).toEqual([206, "789", "bytes 7-9/10"]);
  expect((await get("range", "bytes=10-"))[0]).toBe(416);
  expect(await get("range", "bytes=5-2")).toEqual([200, "0123456789", null]);
  const head = await fetch(url, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe("10");
});

test("an empty entry is an entry", async () => {
  const job = await stage.job();
  const name = { key: "k", version: VERSION };
  const { json } = await job.twirp("CreateCacheEntry", name);
  expect((await putBlockList(String(json["signed_upload_url"]), [])).status).toBe(201);
  expect((await job.twirp("FinalizeCacheEntryUpload", name)).json).toMatchObject({ ok: true });
  expect(await job.restore("k")).toEqual({ key: "k", content: "" });
});
