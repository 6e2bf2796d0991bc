import { createHash } from "node:crypto";

import { afterEach, beforeEach, expect, test } from "vitest";

import { putBlob } from "./client.ts";
import type { Client } from "./client.ts";
import type { Stage } from "./stage.ts";
import { createStage } from "./stage.ts";

const DAY_MS = 24 * 60 * 60_000;

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
});
afterEach(async () => {
  expect(stage.faults).toEqual([]);
  await stage.close();
});

test("jobs of one run hand artifacts on; other runs see none", async () => {
  const build = await stage.job({ run: "1", job: "build" });
  expect((await build.upload("dist", "content")).json).toMatchObject({ ok: true });
  const deploy = await stage.job({ run: "1", job: "deploy" });
  const [found] = await list(deploy);
  expect(found).toMatchObject({
    name: "dist",
    size: "7",
    digest: `sha256:${sha256("content")}`,
    workflow_run_backend_id: build.ids.workflow_run_backend_id,
    workflow_job_run_backend_id: build.ids.workflow_job_run_backend_id,
  });
  expect(await (await deploy.download("dist")).text()).toBe("content");
  for (const other of [await stage.job({ run: "2" }), await stage.job({ repository: "octo/other" })]) {
    expect(await list(other)).toEqual([]);
    const asked = await other.twirp("GetSignedArtifactURL", { ...other.ids, name: "dist" });
    expect(asked.status).toBe(404);
  }
});

test("a token of one run is refused another one's artifacts, and a job cannot write as another", async () => {
  const [mine, other] = [await stage.job({ run: "1" }), await stage.job({ run: "2" })];
  await other.upload("dist", "secret");
  for (const method of ["ListArtifacts", "GetSignedArtifactURL", "DeleteArtifact", "CreateArtifact"])
    expect(await mine.twirp(method, { ...other.ids, name: "dist" })).toMatchObject({ status: 403 });
  const asOther = await stage.job({ run: "1", job: "b" });
  expect((await mine.twirp("CreateArtifact", { ...asOther.ids, name: "x" })).status).toBe(403);
  expect((await mine.twirp("FinalizeArtifact", { ...asOther.ids, name: "x" })).status).toBe(403);
  expect((await mine.twirp("ListArtifacts", {})).status).toBe(403);
});

test("names are taken once, until one is deleted; ids grow", async () => {
  const job = await stage.job();
  await job.upload("a", "one");
  const taken = await job.upload("a", "two");
  // GitHub's own words, which the toolkit passes on (packages/artifact/__tests__/artifact-http-client.test.ts).
  const msg = "an artifact with this name already exists on the workflow run";
  expect(taken).toMatchObject({ status: 409, json: { msg } });
  const deleted = await job.twirp("DeleteArtifact", { ...job.ids, name: "a" });
  expect(deleted.json).toMatchObject({ ok: true });
  expect((await job.twirp("DeleteArtifact", { ...job.ids, name: "a" })).status).toBe(404);
  const again = await job.upload("a", "two");
  expect(Number(again.json["artifact_id"])).toBeGreaterThan(Number(deleted.json["artifact_id"]));
});

test("lists by name and by id", async () => {
  const job = await stage.job();
  for (const name of ["a", "ab", "b"]) await job.upload(name, name);
  const ids = (await list(job)).map((one) => String(one["database_id"]));
  expect(await list(job, { name_filter: "a" })).toMatchObject([{ name: "a" }]);
  expect(await list(job, { id_filter: ids[1] })).toMatchObject([{ name: "ab" }]);
  expect(await list(job, { nameFilter: "none" })).toEqual([]);
});

test("tricks with names are refused, and no name is a path", async () => {
  const job = await stage.job();
  for (const name of ["", ".", "..", "../x", "a/b", "a\\b", "a\0b", "a\nb", "x".repeat(300), 'q"', "a:b"])
    expect((await job.twirp("CreateArtifact", { ...job.ids, name })).status).toBe(400);
  expect((await job.twirp("CreateArtifact", { ...job.ids, name: ["a"] })).status).toBe(400);
  for (const name of ["...", "%2e%2e%2f", "-rf", "日本語 ✓", "meta.json"]) {
    expect((await job.upload(name, name)).status).toBe(200);
    expect(await (await job.download(name)).text()).toBe(name);
  }
});

test("what another content comes with is refused, and a hash counts more than a size", async () => {
  const job = await stage.job();
  const begin = async (): Promise<void> => {
    const created = await job.twirp("CreateArtifact", { ...job.ids, name: "a" });
    await putBlob(String(created.json["signed_upload_url"]), "content");
  };
  const end = { ...job.ids, name: "a" };
  await begin();
  expect((await job.twirp("FinalizeArtifact", { ...end, size: "8" })).status).toBe(412);
  await begin();
  const wrong = `sha256:${sha256("other")}`;
  expect((await job.twirp("FinalizeArtifact", { ...end, size: "7", hash: wrong })).status).toBe(412);
  expect(await list(job)).toEqual([]);
  await begin();
  expect((await job.twirp("FinalizeArtifact", { ...end, size: "7", hash: "md5:1" })).status).toBe(400);
  const right = `sha256:${sha256("content")}`;
  expect((await job.twirp("FinalizeArtifact", { ...end, size: "9", hash: right })).status).toBe(200);
});

test("a file that is no zip comes back with its own name and type", async () => {
  const job = await stage.job();
  await job.upload("report ü.html", "<p>", { version: 7, mime_type: "text/html" });
  const report = await job.download("report ü.html");
  expect(report.headers.get("content-type")).toBe("text/html");
  expect(report.headers.get("content-disposition")).toContain("''report%20%C3%BC.html");
  await job.upload("logs", "zip", { mime_type: "text/html\r\nx: y" });
  expect((await job.download("logs")).headers.get("content-type")).toBe("application/zip");
});

test("kept as long as asked for, and never longer than the limit", async () => {
  const job = await stage.job();
  const inDays = (days: number): object => ({
    expires_at: new Date(stage.clock.ms + days * DAY_MS).toISOString(),
  });
  await job.upload("short", "1", inDays(1));
  await job.upload("long", "1", inDays(4000));
  await job.upload("unsaid", "1");
  stage.clock.ms += 2 * DAY_MS;
  expect((await list(job)).map((one) => one["name"])).toEqual(["long", "unsaid"]);
  stage.clock.ms += 89 * DAY_MS;
  expect(await list(job)).toEqual([]);
});

async function list(job: Client, filter: object = {}): Promise<Record<string, unknown>[]> {
  const reply = await job.twirp("ListArtifacts", { ...job.ids, ...filter });
  return reply.json["artifacts"] as Record<string, unknown>[];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
