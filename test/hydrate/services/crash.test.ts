import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { VERSION, putBlob, putBlock, putBlockList } from "./client.ts";
import type { ServiceProcess } from "./process.ts";
import { startServiceProcess } from "./process.ts";

const MIB = 1024 * 1024;
const NAME = { key: "k", version: VERSION };

let root: string;
let running: ServiceProcess[];
const start = async (job = "a"): Promise<ServiceProcess> => {
  const started = await startServiceProcess(root, job);
  running.push(started);
  return started;
};
beforeEach(async () => {
  running = [];
  root = await mkdtemp(join(tmpdir(), "crabbox-services-"));
});
afterEach(async () => {
  for (const one of running) await one.kill();
  await rm(root, { recursive: true, force: true });
});

test("killed in the middle of uploads: nothing half is seen, what was whole is, and the rest is swept", async () => {
  const first = await start();
  await first.client.save("whole", "content");
  await first.client.upload("whole", "content");
  const { json } = await first.client.twirp("CreateCacheEntry", NAME);
  const url = String(json["signed_upload_url"]);
  await putBlock(url, "a", "sealed");
  await putBlockList(url, ["a"]);
  const art = await first.client.twirp("CreateArtifact", { ...first.client.ids, name: "half" });
  await halfPut(String(art.json["signed_upload_url"]), join(root, "uploads"));
  await first.kill();

  const second = await start();
  expect(await second.client.restore("k", ["k"])).toBeUndefined();
  expect(await second.client.restore("whole")).toMatchObject({ content: "content" });
  const list = await second.client.twirp("ListArtifacts", second.client.ids);
  expect(list.json["artifacts"]).toMatchObject([{ name: "whole" }]);
  expect((await second.client.save("k", "again")).status).toBe(200);
  await second.kill();

  const left = await readdir(join(root, "uploads"));
  expect(left).toHaveLength(2);
  const longAgo = Date.now() / 1000 - 60 * 60;
  for (const name of left) await utimes(join(root, "uploads", name), longAgo, longAgo);
  await start();
  expect(await readdir(join(root, "uploads"))).toHaveLength(1);
});

test("killed at any moment of many saves: each entry is whole or absent", async () => {
  const content = (at: number): string => `${at}`.repeat(50_000);
  for (let round = 0; round < 3; round += 1) {
    const one = await start();
    const keys = Array.from({ length: 20 }, (_, at) => round * 20 + at);
    const saves = keys.map((key) => one.client.save(`key-${key}-`, content(key)).catch(() => undefined));
    await Promise.race(saves.slice(round * 5, round * 5 + 5));
    await one.kill();
    await Promise.all(saves);
  }
  const last = await start();
  let whole = 0;
  for (let key = 0; key < 60; key += 1) {
    const found = await last.client.restore(`key-${key}-`);
    if (found === undefined) continue;
    expect(found.content === content(key)).toBe(true);
    whole += 1;
  }
  expect(whole).toBeGreaterThanOrEqual(3);
});

test("two processes at once: both save, both see all, and of one name one wins", async () => {
  const [a, b] = [await start("a"), await start("b")];
  const replies = await Promise.all(
    Array.from({ length: 20 }, (_, at) => [a, b].map((one) => one.client.save(`k-${at}-`, `${at}`))).flat(),
  );
  expect(replies.filter(({ status }) => status === 200)).toHaveLength(20);
  expect(replies.filter(({ status }) => status === 409)).toHaveLength(20);
  for (const one of [a, b])
    for (let at = 0; at < 20; at += 1)
      expect(await one.client.restore(`k-${at}-`)).toMatchObject({ content: `${at}` });
  await a.client.upload("from a", "1");
  expect(await (await b.client.download("from a")).text()).toBe("1");
});

test("100 MB in blocks, eight at once, and back: memory stays flat", async () => {
  const one = await start();
  const block = randomBytes(4 * MIB);
  const ids = Array.from({ length: 25 }, (_, at) => `block-${String(at).padStart(4, "0")}`);
  // Once through, so that what Node itself needs is there.
  await one.client.save("small", "x".repeat(4 * MIB));
  await one.client.restore("small");
  const before = one.peakBytes();
  const { json } = await one.client.twirp("CreateCacheEntry", NAME);
  const url = String(json["signed_upload_url"]);
  for (let at = 0; at < ids.length; at += 8)
    await Promise.all(ids.slice(at, at + 8).map((id) => putBlock(url, id, block)));
  await putBlockList(url, ids);
  const sizeBytes = String(100 * MIB);
  const end = await one.client.twirp("FinalizeCacheEntryUpload", { ...NAME, size_bytes: sizeBytes });
  expect(end.status).toBe(200);
  const found = await one.client.twirp("GetCacheEntryDownloadURL", NAME);
  const got = await fetch(String(found.json["signed_download_url"]));
  const hash = createHash("sha256");
  for await (const chunk of got.body ?? []) hash.update(chunk);
  const wanted = createHash("sha256");
  for (const _ of ids) wanted.update(block);
  expect(hash.digest("hex")).toBe(wanted.digest("hex"));
  expect(one.peakBytes() - before).toBeLessThan(64 * MIB);
});

test("a part that is broken off is no part", async () => {
  const one = await start();
  const { json } = await one.client.twirp("CreateCacheEntry", NAME);
  const url = String(json["signed_upload_url"]);
  const put = await halfPut(url, join(root, "uploads"));
  put.destroy();
  expect((await one.client.twirp("FinalizeCacheEntryUpload", { ...NAME, size_bytes: 3 })).status).toBe(412);
  const again = await one.client.twirp("CreateCacheEntry", NAME);
  expect((await putBlob(String(again.json["signed_upload_url"]), "content")).status).toBe(201);
});

/** Sends three bytes of ten and no more; resolves when they lie in a file below `uploads`. */
async function halfPut(url: string, uploads: string): Promise<ReturnType<typeof request>> {
  const put = request(url, { method: "PUT", headers: { "content-length": "10" } });
  put.on("error", () => undefined);
  put.write("abc");
  await expect
    .poll(async () => (await readdir(uploads, { recursive: true })).some((name) => name.endsWith(".tmp")), {
      timeout: 20_000,
    })
    .toBe(true);
  return put;
}
