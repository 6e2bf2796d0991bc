import { readdir } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";

import { afterEach, expect, test } from "vitest";

import { VERSION, putBlob, putBlock } from "./client.ts";
import type { Stage } from "./stage.ts";
import { createStage } from "./stage.ts";

let stage: Stage;
afterEach(async () => {
  expect(stage.faults).toEqual([]);
  await stage.close();
});

test("the least recently used cache goes when all are too large together", async () => {
  stage = await createStage({ cacheTotalBytes: 30 });
  const job = await stage.job();
  const next = (): void => void (stage.clock.ms += 1000);
  for (const key of ["a", "b", "c"]) {
    await job.save(key, "0123456789");
    next();
  }
  await job.restore("a");
  next();
  await job.save("d", "0123456789");
  expect(await job.restore("b")).toBeUndefined();
  for (const key of ["a", "c", "d"]) expect(await job.restore(key)).toMatchObject({ key });
  expect(await readdir(join(stage.root, "trash"))).toEqual([]);
});

test("also when they are too many", async () => {
  stage = await createStage({ cacheMaxEntries: 2 });
  const job = await stage.job();
  for (const key of ["a", "b", "c"]) {
    await job.save(key, key);
    stage.clock.ms += 1000;
  }
  expect(await job.restore("a")).toBeUndefined();
  expect(await job.restore("b")).toMatchObject({ key: "b" });
});

test("a fork's caches go before any other, so that it cannot empty those", async () => {
  stage = await createStage({ cacheTotalBytes: 30 });
  const [main, fork] = [await stage.job(), await stage.job({ ref: "refs/pull/7/merge", fork: 7 })];
  await main.save("old", "0123456789");
  stage.clock.ms += 1000;
  for (const key of ["f1", "f2", "f3", "f4"]) {
    await fork.save(key, "0123456789");
    stage.clock.ms += 1000;
  }
  expect(await main.restore("old")).toMatchObject({ key: "old" });
  expect(await fork.restore("f4")).toMatchObject({ key: "f4" });
  expect(await fork.restore("f1")).toBeUndefined();
});

test("an entry that is too large is refused while it comes, in one piece and in blocks", async () => {
  stage = await createStage({ cacheEntryMaxBytes: 100, openUploadsMaxBytes: 150 });
  const job = await stage.job();
  const begin = async (key: string): Promise<string> => {
    const reserved = await job.twirp("CreateCacheEntry", { key, version: VERSION });
    return String(reserved.json["signed_upload_url"]);
  };
  const [first, second] = [await begin("a"), await begin("b")];
  expect((await putBlob(first, "x".repeat(101))).status).toBe(413);
  expect((await putBlock(first, "a", "x".repeat(60))).status).toBe(201);
  expect((await putBlock(first, "b", "x".repeat(60))).status).toBe(413);
  // The same block again takes the place of the first one.
  for (let times = 0; times < 5; times += 1)
    expect((await putBlock(first, "a", "x".repeat(40))).status).toBe(201);
  expect((await putBlock(second, "a", "x".repeat(90))).status).toBe(201);
  expect((await putBlock(second, "b", "x".repeat(9))).status).toBe(201);
  expect((await putBlock(first, "b", "x".repeat(20))).status).toBe(413);
});

test("artifacts of a run are bounded by size and count; of all runs the oldest go", async () => {
  stage = await createStage({
    artifactMaxBytes: 20,
    artifactRunMaxBytes: 25,
    artifactRunMaxCount: 3,
    artifactTotalBytes: 30,
  });
  const first = await stage.job({ run: "1" });
  expect((await first.upload("large", "x".repeat(21))).status).toBe(413);
  expect((await first.upload("a", "x".repeat(15))).status).toBe(200);
  expect((await first.upload("b", "x".repeat(15))).status).toBe(412);
  for (const name of ["c", "d"]) expect((await first.upload(name, "x")).status).toBe(200);
  expect((await first.upload("e", "x")).status).toBe(412);
  stage.clock.ms += 1000;
  const second = await stage.job({ run: "2" });
  expect((await second.upload("a", "x".repeat(20))).status).toBe(200);
  const left = await first.twirp("ListArtifacts", first.ids);
  expect(left.json["artifacts"]).toMatchObject([{ name: "c" }, { name: "d" }]);
});

test("a job cannot open uploads without end", async () => {
  stage = await createStage();
  const job = await stage.job();
  const open = (key: string): Promise<{ status: number }> =>
    job.twirp("CreateCacheEntry", { key, version: VERSION });
  for (let at = 0; at < 256; at += 1) expect((await open(`k${at}`)).status).toBe(200);
  expect((await open("one more")).status).toBe(412);
  expect((await job.upload("a", "x")).status).toBe(412);
  // Those that nobody goes on with make room, and their names are free.
  stage.clock.ms += 10 * 60_000;
  expect((await open("k7")).status).toBe(200);
  expect((await job.upload("a", "x")).status).toBe(200);
});

test("bodies and forms that are none of the protocol's are refused", async () => {
  stage = await createStage();
  const job = await stage.job();
  const post = (body: string, type = "application/json"): Promise<Response> =>
    fetch(`${job.base}twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry`, {
      method: "POST",
      headers: { authorization: `Bearer ${job.token}`, "content-type": type },
      body,
    });
  for (const body of ["", "{", "[]", "null", "7", `{"key":"${"x".repeat(200_000)}"}`])
    expect((await post(body)).status).toBe(400);
  expect((await post('{"key":{"a":1}}')).status).toBe(400);
  expect((await post('{"key":"k"}', "application/protobuf")).status).toBe(400);
  const deep = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
  expect((await post(`{"key":"k","x":${deep}}`)).status).toBeLessThan(500);
  expect((await job.twirp("NoSuch", {})).status).toBe(404);
  expect((await job.twirp("constructor", {})).status).toBe(404);
  for (const path of ["", "blobs/upload/../../etc/passwd", "blobs/body/x", "%00", "//", "blobs/body/%2e%2e"])
    expect((await fetch(`${job.base}${path}`)).status).toBeGreaterThanOrEqual(400);
  await garbage(job.base);
  expect((await job.save("k", "still there")).status).toBe(200);
});

/** Bytes that are no HTTP: answered or cut off. */
async function garbage(base: string): Promise<void> {
  const socket = connect(Number(new URL(base).port), "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.resume();
    socket.write("\0\x01\x02 no http\r\n\r\n");
  });
}
