import { afterEach, beforeEach, expect, test } from "vitest";

import { VERSION, putBlob } from "./client.ts";
import type { Client } from "./client.ts";
import type { Stage } from "./stage.ts";
import { createStage } from "./stage.ts";

const TOPIC = { ref: "refs/heads/topic" };
const PULL = { ref: "refs/pull/7/merge", baseRef: "refs/heads/stable" };

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  expect(stage.faults).toEqual([]);
  await stage.close();
});

test("read: own ref, then the base, then the default branch, and nothing else", async () => {
  const pull = await stage.job(PULL);
  await (await stage.job(TOPIC)).save("k", "of topic");
  expect(await pull.restore("k", ["k"])).toBeUndefined();
  await (await stage.job()).save("k", "of main");
  expect(await pull.restore("k")).toMatchObject({ content: "of main" });
  await (await stage.job({ ref: "refs/heads/stable" })).save("k", "of stable");
  expect(await pull.restore("k")).toMatchObject({ content: "of stable" });
  // Own prefix before the base's exact key: the whole ref comes first.
  await pull.save("k-own", "own");
  expect(await pull.restore("k")).toMatchObject({ content: "own" });
});

test("written to the own ref only: no branch poisons another", async () => {
  const topic = await stage.job(TOPIC);
  await topic.save("k", "poison");
  const main = await stage.job();
  expect(await main.restore("k", ["k", ""])).toBeUndefined();
  // What a client says of a scope is not read.
  const scope = { scope: "refs/heads/main", ref: "refs/heads/main", repository: "octo/app" };
  await topic.twirp("CreateCacheEntry", { key: "k2", version: VERSION, ...scope, metadata: scope });
  expect(await main.restore("k2")).toBeUndefined();
  expect((await main.save("k", "clean")).status).toBe(200);
  expect(await main.restore("k")).toMatchObject({ content: "clean" });
});

test("a fork reads as GitHub lets it, and writes apart, even by the default branch's name", async () => {
  await (await stage.job()).save("base", "trusted");
  for (const ref of ["refs/heads/main", "refs/pull/7/merge"]) {
    const fork = await stage.job({ ref, fork: 7 });
    expect(await fork.restore("base")).toMatchObject({ content: "trusted" });
    expect((await fork.save("base", "poison")).status).toBe(200);
    await fork.save("other", "poison");
    expect(await fork.restore("base")).toMatchObject({ content: "poison" });
  }
  expect(await (await stage.job()).restore("base", ["base"])).toMatchObject({ content: "trusted" });
  expect(await (await stage.job(PULL)).restore("other", ["o"])).toBeUndefined();
  expect(await (await stage.job({ ref: "refs/heads/main", fork: 8 })).restore("other")).toBeUndefined();
  expect(await (await stage.job({ repository: "octo/other" })).restore("base")).toBeUndefined();
});

test("the token is this job's alone", async () => {
  const [mine, other] = [await stage.job({ job: "a" }), await stage.job({ job: "b", run: "2" })];
  const fields = { key: "k", version: VERSION };
  const tampered = `${mine.token.slice(0, -2)}AA`;
  for (const token of [other.token, "", tampered, `${mine.token}x`, mine.token.split(".")[1] ?? ""]) {
    expect((await mine.twirp("CreateCacheEntry", fields, token)).status).toBe(401);
    expect((await mine.twirp("ListArtifacts", mine.ids, token)).status).toBe(401);
  }
  const v1 = await fetch(`${mine.base}_apis/artifactcache/cache?keys=k&version=1`);
  expect(v1.status).toBe(401);
  expect((await mine.twirp("CreateCacheEntry", fields)).status).toBe(200);
});

test("a signed URL is for one entry, one verb and a time", async () => {
  const job = await stage.job();
  await job.save("secret", "secret");
  const reserved = await job.twirp("CreateCacheEntry", { key: "a", version: VERSION });
  const write = new URL(String(reserved.json["signed_upload_url"]));
  const read = new URL(await downloadUrl(job, "secret"));
  expect((await fetch(write)).status).toBe(403);
  expect((await fetch(write, { method: "DELETE" })).status).toBe(403);
  expect((await putBlob(read.href, "poison")).status).toBe(403);

  const swapped = new URL(read);
  swapped.pathname = write.pathname;
  expect((await putBlob(swapped.href, "poison")).status).toBe(403);
  const writeable = new URL(read);
  writeable.searchParams.set("sp", "w");
  expect((await putBlob(writeable.href, "poison")).status).toBe(403);
  const longer = new URL(read);
  longer.searchParams.set("se", String(Number(read.searchParams.get("se")) + 1));
  expect((await fetch(longer)).status).toBe(403);
  const unsigned = new URL(read);
  unsigned.search = "";
  expect((await fetch(unsigned)).status).toBe(403);
  const elsewhere = await stage.job();
  expect((await fetch(read.href.replace(job.base, elsewhere.base))).status).toBe(403);

  expect((await fetch(read)).status).toBe(200);
  stage.clock.ms += 2 * 60 * 60_000;
  expect((await fetch(read)).status).toBe(403);
  expect((await putBlob(write.href, "late")).status).toBe(403);
});

test("a URL for an entry is not one for what later has its name", async () => {
  const job = await stage.job();
  await job.upload("report", "old");
  const signed = await job.twirp("GetSignedArtifactURL", { ...job.ids, name: "report" });
  await job.twirp("DeleteArtifact", { ...job.ids, name: "report" });
  await job.upload("report", "new");
  expect((await fetch(String(signed.json["signed_url"]))).status).toBe(404);
  expect(await (await job.download("report")).text()).toBe("new");
});

async function downloadUrl(job: Client, key: string): Promise<string> {
  const found = await job.twirp("GetCacheEntryDownloadURL", { key, version: VERSION });
  return String(found.json["signed_download_url"]);
}
