import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CacheEvent, OfferedCache } from "../../runner-bootstrap/boxd/cache-wire.ts";
import { openBoxStore } from "../../runner-bootstrap/boxd/steps/services/box-store.ts";
import { startServices } from "../../runner-bootstrap/boxd/steps/services/services.ts";
import type { CacheScope, Store } from "../../runner-bootstrap/boxd/steps/services/store.ts";
import { createClient, putBlock, putBlockList, type Client, VERSION } from "../hydrate/services/client.ts";

const sha256Of = (text: string) => createHash("sha256").update(text).digest("hex");
const WAY_HOME = "../../../home";
/** As the App has it: the client's, and where it is unpacked. */
const versionOn = (wayHome: string) => sha256Of(JSON.stringify([VERSION, wayHome]));
const offer = (key: string, text: string, createdAt = 1): OfferedCache => ({
  key,
  version: versionOn(WAY_HOME),
  sha256: sha256Of(text),
  sizeBytes: text.length,
  createdAt,
});

let dir: string;
const ends: (() => Promise<void>)[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "box-store-"));
  mkdirSync(join(dir, "blobs"));
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  rmSync(dir, { recursive: true, force: true });
});

/** The services of a hydration that is offered `scopes`, own ref first; an App that is there puts the blobs of `texts`. */
async function hydration(
  scopes: readonly (readonly OfferedCache[])[],
  texts: readonly string[] = [],
  entryMaxBytes = 1_000_000,
): Promise<{ client: Client; store: Store; told: CacheEvent[] }> {
  const told: CacheEvent[] = [];
  const refs = ["refs/pull/7/merge", "refs/heads/release", "refs/heads/main"];
  const store = await openBoxStore({
    blobs: join(dir, "blobs"),
    caches: join(dir, "caches"),
    wayHome: WAY_HOME,
    offered: { scopes: scopes.map((entries, at) => ({ ref: refs[at] ?? "", entries })), entryMaxBytes },
    tell(event) {
      told.push(event);
      const text = event.at === "want" ? texts.find((one) => sha256Of(one) === event.sha256) : undefined;
      if (text === undefined) return;
      const temporary = join(dir, "blobs", `.${event.sha256}.1`);
      writeFileSync(temporary, text);
      renameSync(temporary, join(dir, "blobs", event.sha256));
    },
    stopped: new AbortController().signal,
    now: Date.now,
    silentMs: 100,
  });
  const [write, ...read] = scopes.map((_, at): CacheScope => ({
    repository: "acme/shop",
    domain: "trusted",
    ref: refs[at] ?? "",
  }));
  if (write === undefined) throw new Error("an own scope is needed");
  const caches = { write, read: [write, ...read] };
  const who = { repository: "acme/shop", run: "1", job: "test" };
  const services = await startServices({ store, ...who, caches, now: Date.now });
  ends.push(async () => {
    await services.close();
    await store.close();
  });
  return { client: createClient(services.env), store, told };
}

describe("caches on a box", () => {
  it("restores what is offered: own ref before base before default branch, exact before newest", async () => {
    const { client, told } = await hydration(
      [
        [offer("dep-1", "own")],
        [offer("dep-2", "base"), offer("pip-1", "older"), offer("pip-2", "newer", 2)],
        [offer("dep-2", "main"), offer("gem-1", "main's")],
      ],
      ["own", "base", "newer", "main's"],
    );
    expect(await client.restore("dep-1")).toEqual({ key: "dep-1", content: "own" });
    expect(await client.restore("dep-2")).toEqual({ key: "dep-2", content: "base" });
    expect(await client.restore("dep-3", ["dep-"])).toEqual({ key: "dep-1", content: "own" });
    expect(await client.restore("pip-3", ["pip-"])).toEqual({ key: "pip-2", content: "newer" });
    expect(await client.restore("gem-1")).toEqual({ key: "gem-1", content: "main's" });
    expect(await client.restore("gem-1", [], "f".repeat(64))).toBeUndefined();
    expect(told.map((event) => event.at)).toEqual(["want", "want", "want", "want"]);
    expect(readdirSync(join(dir, "blobs"))).toEqual([]);
  });

  it("an App that is away is a miss, and its time is bounded", async () => {
    const { client, told } = await hydration([[offer("k", "far"), offer("k-2", "near")]], ["near"]);
    expect(await client.restore("k")).toBeUndefined();
    expect(told).toEqual([{ e: "cache", at: "want", sha256: sha256Of("far") }]);
    expect(await client.restore("k-2")).toEqual({ key: "k-2", content: "near" });
  });

  it("what is saved lies there as a blob after the services ended, and is told once it does", async () => {
    const { client, told, store } = await hydration([[offer("there", "there")]]);
    expect(await client.save("k", "content")).toMatchObject({ status: 200, json: { ok: true } });
    expect(told).toEqual([
      {
        e: "cache",
        at: "saved",
        key: "k",
        version: versionOn(WAY_HOME),
        sha256: sha256Of("content"),
        sizeBytes: 7,
      },
    ]);
    expect(readFileSync(join(dir, "caches", sha256Of("content")), "utf8")).toBe("content");
    expect(await client.restore("k")).toEqual({ key: "k", content: "content" });
    expect(await client.save("k", "other")).toMatchObject({ status: 409 });
    expect(await client.save("there", "other")).toMatchObject({ status: 409 });
    await store.close();
    expect(existsSync(join(dir, "caches", "store"))).toBe(false);
    expect(existsSync(join(dir, "caches", sha256Of("content")))).toBe(true);
  });

  it("joins what came in blocks in the order that the client says, one of them twice", async () => {
    const { client, told } = await hydration([[]]);
    const made = await client.twirp("CreateCacheEntry", { key: "k", version: VERSION });
    const url = String(made.json["signed_upload_url"]);
    for (const [id, text] of [
      ["b", "bbb"],
      ["a", "aaa"],
      ["c", "ccc"],
    ] as const)
      await putBlock(url, id, text);
    await putBlockList(url, ["a", "b", "a", "c"]);
    const fields = { key: "k", version: VERSION, size_bytes: "12" };
    expect(await client.twirp("FinalizeCacheEntryUpload", fields)).toMatchObject({ status: 200 });
    expect(await client.restore("k")).toEqual({ key: "k", content: "aaabbbaaaccc" });
    const plain = await client.twirp("CreateCacheEntry", { key: "l", version: VERSION });
    const other = String(plain.json["signed_upload_url"]);
    for (const id of ["2", "1"]) await putBlock(other, id, id.repeat(3));
    await putBlockList(other, ["1", "2"]);
    const last = { key: "l", version: VERSION, size_bytes: "6" };
    expect(await client.twirp("FinalizeCacheEntryUpload", last)).toMatchObject({ status: 200 });
    expect(await client.restore("l")).toEqual({ key: "l", content: "111222" });
    expect(told).toMatchObject([{ sha256: sha256Of("aaabbbaaaccc") }, { sha256: sha256Of("111222") }]);
    expect(await client.save("empty", "")).toMatchObject({ status: 200 });
  });

  it("what a box with another way home saved is not this one's: files outside the workspace would be unpacked elsewhere", async () => {
    const elsewhere = { ...offer("k", "theirs"), version: versionOn("../../../..") };
    const { client, told } = await hydration([[elsewhere]], ["theirs"]);
    expect(await client.restore("k")).toBeUndefined();
    expect(await client.save("k", "ours")).toMatchObject({ status: 200 });
    expect(told.map((event) => event.at)).toEqual(["saved"]);
  });

  it("takes no entry beyond what the App keeps, and gives a job its own artifacts back", async () => {
    const { client, told } = await hydration([[]], [], 5);
    expect((await client.save("k", "too much")).status).not.toBe(200);
    expect(told).toEqual([]);
    expect(await client.upload("report", "the report")).toMatchObject({ status: 200 });
    expect(await (await client.download("report")).text()).toBe("the report");
  });
});
