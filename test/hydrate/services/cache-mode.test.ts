import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { CACHE_MODES } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import type { CacheMode } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import type { Client } from "./client.ts";
import { VERSION } from "./client.ts";
import type { Stage } from "./stage.ts";
import { createStage } from "./stage.ts";

const MAY: Readonly<Record<CacheMode, { readonly restore: boolean; readonly save: boolean }>> = {
  read: { restore: true, save: false },
  write: { restore: true, save: true },
  "write-only": { restore: false, save: true },
  none: { restore: false, save: false },
};

let stage: Stage;
beforeEach(async () => {
  stage = await createStage();
  await (await stage.job()).save("there", "content");
});
afterEach(async () => {
  expect(stage.faults).toEqual([]);
  await stage.close();
});

describe.each(CACHE_MODES)("cache-mode: %s", (cacheMode) => {
  const { restore, save } = MAY[cacheMode];

  test("restores, or is refused as GitHub refuses it", async () => {
    const job = await stage.job({ cacheMode, run: "2" });
    const asked = { key: "there", restore_keys: ["th"], version: VERSION };
    const found = await job.twirp("GetCacheEntryDownloadURL", asked);
    const old = await job.v1("GET", `cache?keys=there&version=${VERSION}`);
    if (restore) {
      expect(await job.restore("there")).toEqual({ key: "there", content: "content" });
      expect(found.json).toMatchObject({ ok: true, matched_key: "there" });
      expect(old.status).toBe(200);
      return;
    }
    expect(await job.restore("there")).toBeUndefined();
    // The first words are those by which actions/toolkit knows a refusal by policy.
    const msg = `cache read denied: the job's cache-mode is ${cacheMode}`;
    expect(found).toEqual({ status: 403, json: { code: "permission_denied", msg } });
    expect([old.status, await old.json()]).toEqual([403, { message: msg }]);
  });

  test("saves, or is refused as GitHub refuses it", async () => {
    const job = await stage.job({ cacheMode, run: "2" });
    const made = await job.twirp("CreateCacheEntry", { key: "new", version: VERSION });
    const old = await job.v1("POST", "caches", { key: "old", version: VERSION });
    if (save) {
      expect((await job.save("newer", "saved")).json).toMatchObject({ ok: true });
      expect(made.json).toMatchObject({ ok: true });
      expect(old.status).toBe(201);
      expect(await (await stage.job()).restore("newer")).toMatchObject({ content: "saved" });
      return;
    }
    const message = `cache write denied: the job's cache-mode is ${cacheMode}`;
    expect(made).toEqual({ status: 200, json: { ok: false, signed_upload_url: "", message } });
    expect([old.status, await old.json()]).toEqual([403, { message }]);
    const end = { key: "new", version: VERSION, size_bytes: "0" };
    expect((await job.twirp("FinalizeCacheEntryUpload", end)).status).toBe(404);
  });

  test("the token says so too, and artifacts know nothing of it", async () => {
    const job = await stage.job({ cacheMode, ref: "refs/heads/topic" });
    expect(scopesOf(job)).toEqual(
      [
        { Scope: "refs/heads/topic", Permission: (restore ? 1 : 0) + (save ? 2 : 0) },
        { Scope: "refs/heads/main", Permission: restore ? 1 : 0 },
      ].filter(({ Permission }) => Permission > 0),
    );
    expect((await job.upload("report", "text")).json).toMatchObject({ ok: true });
    expect(await (await job.download("report")).text()).toBe("text");
  });
});

test("without a word of it a job restores and saves", async () => {
  const job = await stage.job({ run: "2" });
  expect(await job.restore("there")).toMatchObject({ content: "content" });
  expect((await job.save("more", "saved")).json).toMatchObject({ ok: true });
});

/** As BuildKit reads them. */
function scopesOf({ token }: Client): unknown {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { ac: string };
  return JSON.parse(claims.ac);
}
