import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { Store } from "../../app/store/store.ts";
import { createHandClock } from "./fixture.ts";
import { mountSmallDisk, type SmallDisk } from "./small-disk.ts";

const AS_ROOT = process.getuid?.() === 0;
const PAGE_BYTES = 4096;

let dir: string;
let path: string;
let disk: SmallDisk | null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  path = join(dir, "app.sqlite");
  disk = null;
});
afterEach(() => {
  disk?.unmount();
  rmSync(dir, { recursive: true, force: true });
});

const open = (file = path) => openStore({ path: file, clock: createHandClock() });
const put = (store: Store, guid: string, sizeBytes = 100) =>
  store.deliveries.put({
    guid,
    event: "push",
    action: null,
    installationId: null,
    body: Buffer.alloc(sizeBytes, guid),
  });

async function failureOf(work: Promise<unknown>): Promise<AppError> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof AppError) return thrown;
  throw new Error(`expected an AppError, got ${String(thrown)}`);
}

describe("a database that is not right", () => {
  it("is not a database: says so, with the path", async () => {
    writeFileSync(path, "This is a letter, not a database. ".repeat(100));
    const failure = await failureOf(open());
    expect(failure).toMatchObject({ code: "store_failed" });
    expect(failure.message).toContain("not an SQLite database");
    expect(failure.message).toContain(path);
    expect(failure.hint).toContain("backup");
  });

  it("is damaged: says so, and what to do", async () => {
    const store = await open();
    for (let n = 0; n < 50; n += 1) await put(store, `g${n}`, 3_000);
    await store.close();
    const pages = statSync(path).size / PAGE_BYTES;
    const file = openSync(path, "r+");
    for (let page = 1; page < pages; page += 1)
      writeSync(file, Buffer.alloc(PAGE_BYTES, 0xee), 0, PAGE_BYTES, page * PAGE_BYTES);
    closeSync(file);
    const failure = await failureOf(open());
    expect(failure).toMatchObject({ code: "store_failed" });
    expect(failure.message).toContain("damaged");
    expect(failure.hint).toContain("backup");
  });

  it("is a directory, or lies below a file", async () => {
    mkdirSync(path);
    expect(await failureOf(open())).toMatchObject({ code: "store_failed" });
    writeFileSync(join(dir, "file"), "");
    expect(await failureOf(open(join(dir, "file", "app.sqlite")))).toMatchObject({ code: "store_failed" });
  });

  it("is read-only: says so", async ({ skip }) => {
    if (AS_ROOT) {
      disk = mountSmallDisk("16M");
      if (disk === null) skip("no file system may be mounted here");
    }
    const file = join(disk?.dir ?? dir, "app.sqlite");
    await (await open(file)).close();
    if (disk === null) {
      chmodSync(file, 0o400);
      chmodSync(dir, 0o500);
    } else {
      disk.remount("ro");
    }
    const failure = await failureOf(open(file));
    chmodSync(dir, 0o700);
    expect(failure).toMatchObject({ code: "store_failed" });
    expect(failure.hint).toMatch(/permission|read-only/u);
  });
});

describe("a full disk", () => {
  it("refuses what does not fit, keeps what did, and goes on when there is room", async ({ skip }) => {
    disk = mountSmallDisk("2M");
    if (disk === null) return skip("no file system may be mounted here");
    const file = join(disk.dir, "app.sqlite");
    const store = await open(file);
    const stored: string[] = [];
    const done: string[] = [];
    let failure: AppError | null = null;
    for (let n = 0; failure === null && n < 200; n += 1) {
      const guids = [`g${n}-a`, `g${n}-b`];
      // Other work in the same transaction, so that one failing piece meets neighbours.
      const beside = Promise.allSettled(
        guids.map((guid) => store.outside.done(guid, "x".repeat(5_000), "hash")),
      );
      const results = await Promise.allSettled(guids.map((guid) => put(store, guid, 20_000)));
      for (const [at, { status }] of (await beside).entries())
        if (status === "fulfilled") done.push(guids[at] ?? "");
      for (const [at, result] of results.entries()) {
        if (result.status === "fulfilled") stored.push(guids[at] ?? "");
        else failure = await failureOf(Promise.reject(result.reason));
      }
    }
    expect(failure).toMatchObject({ code: "disk_full", status: 507 });
    expect(failure?.hint).toContain("Free space");
    expect(await store.deliveries.known(stored)).toEqual(new Set(stored));
    for (const key of done) expect(await store.outside.get(key)).toMatchObject({ state: "done" });
    expect(await failureOf(put(store, "too-large", 1_500_000))).toMatchObject({ code: "disk_full" });
    disk.remount("size=16M");
    expect(await put(store, "fits-now", 500_000)).toBe("stored");
    expect(await store.healthy()).toBe(true);
    await store.close();

    const again = await open(file);
    const { stored: count } = await again.deliveries.counts();
    expect(count).toBe(stored.length + 1);
    await again.close();
  });
});
