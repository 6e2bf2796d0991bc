import { afterEach, beforeEach, expect, test } from "vitest";

import { VERSION } from "./client.ts";
import type { Client } from "./client.ts";
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

test("saved in chunks in any order, restored by either version of the service", async () => {
  const job = await stage.job();
  const id = await reserve(job, "k-1");
  expect((await chunk(job, id, 4, "efgh")).status).toBe(204);
  expect((await chunk(job, id, 0, "abcd")).status).toBe(204);
  expect((await find(job, "k-1")).status).toBe(204);
  const done = await job.v1("POST", `caches/${id}`, { size: 8 });
  expect([done.status, done.headers.get("connection")]).toEqual([204, "close"]);
  for (const keys of ["k-1", "none,k-"]) {
    const found = await find(job, keys);
    const hit = (await found.json()) as Record<string, string>;
    expect(hit).toMatchObject({ cacheKey: "k-1" });
    const got = await fetch(hit["archiveLocation"] ?? "");
    expect([await got.text(), got.headers.get("connection")]).toEqual(["abcdefgh", "close"]);
  }
  expect(await job.restore("k-1")).toMatchObject({ content: "abcdefgh" });
});

test("every answer ends its connection, so that old post steps end", async () => {
  const job = await stage.job();
  const answers = [
    await find(job, "none"),
    await job.v1("POST", "caches", { key: "k", version: VERSION }),
    await job.v1("POST", "caches/999", { size: 1 }),
    await job.v1("GET", "caches?key=k"),
  ];
  expect(answers.map((one) => [one.status, one.headers.get("connection")])).toEqual([
    [204, "close"],
    [201, "close"],
    [404, "close"],
    [200, "close"],
  ]);
});

test("chunks with a gap, an overlap or another length make no entry", async () => {
  const job = await stage.job();
  for (const chunks of [
    [[1, "bcde"]],
    [
      [0, "ab"],
      [3, "de"],
    ],
    [
      [0, "abc"],
      [2, "c"],
    ],
  ] as const) {
    const id = await reserve(job, `k-${chunks.length}-${chunks[0][0]}-${chunks[0][1]}`);
    for (const [from, text] of chunks) await chunk(job, id, from, text);
    expect((await job.v1("POST", `caches/${id}`, { size: 4 })).status).toBe(400);
  }
  const id = await reserve(job, "long");
  const said = { "content-range": "bytes 0-9/*" };
  expect((await job.v1("PATCH", `caches/${id}`, "short", said)).status).toBe(400);
  expect((await job.v1("PATCH", `caches/${id}`, "x", { "content-range": "bytes 5-1/*" })).status).toBe(400);
  expect((await job.v1("POST", `caches/${id}`, { size: 5 })).status).toBe(400);
  expect((await find(job, "k,long")).status).toBe(204);
});

test("an entry never changes, and an upload is its own job's", async () => {
  const [job, other] = [await stage.job(), await stage.job({ run: "2" })];
  await job.save("k", "content");
  expect((await job.v1("POST", "caches", { key: "k", version: VERSION })).status).toBe(409);
  const id = await reserve(job, "mine");
  expect((await chunk(other, id, 0, "poison")).status).toBe(404);
  // The number of an artifact's upload is none of a cache's.
  await job.twirp("CreateArtifact", { ...job.ids, name: "a" });
  expect((await chunk(job, id + 1, 0, "x")).status).toBe(404);
});

test("keys are bounded", async () => {
  const job = await stage.job();
  const keys = (count: number, length: number): string =>
    Array.from({ length: count }, (_, at) => `${at}${"ü".repeat(length - 2)}`).join(",");
  expect((await find(job, keys(10, 500))).status).toBe(204);
  expect((await find(job, keys(11, 5))).status).toBe(400);
  expect((await find(job, keys(1, 600))).status).toBe(400);
  expect((await find(job, "")).status).toBe(400);
  expect((await job.v1("POST", "caches", { key: "x".repeat(513), version: "1" })).status).toBe(400);
});

async function reserve(job: Client, key: string): Promise<number> {
  const reserved = await job.v1("POST", "caches", { key, version: VERSION, cacheSize: 4 });
  return ((await reserved.json()) as { cacheId: number }).cacheId;
}

function chunk(job: Client, id: number, from: number, text: string): Promise<Response> {
  const range = `bytes ${from}-${from + text.length - 1}/*`;
  return job.v1("PATCH", `caches/${id}`, text, { "content-range": range });
}

function find(job: Client, keys: string): Promise<Response> {
  return job.v1("GET", `cache?keys=${encodeURIComponent(keys)}&version=${VERSION}`);
}
