import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AttemptId } from "../../app/ids.ts";
import { createLogStore, type LogStore } from "../../app/store/logs.ts";
import { ids } from "./fixture.ts";
import { mountSmallDisk } from "./small-disk.ts";

let dir: string;
let logs: LogStore;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  logs = createLogStore(join(dir, "logs"));
});
afterEach(async () => {
  await logs.close();
  rmSync(dir, { recursive: true, force: true });
});

const bytes = (text: string) => [Buffer.from(text)];
const fileOf = (id: AttemptId) => join(dir, "logs", id.slice(4, 6), `${id}.journal`);

async function all(id: AttemptId, from = 0): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of logs.stream(id, from)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("appending", () => {
  it("grows at the end only: known bytes are passed over, a gap is refused", async () => {
    const id = ids.attempt();
    expect(await logs.length(id)).toBe(0);
    await logs.append(id, 0, bytes("hello "));
    await logs.append(id, 0, bytes("hello "));
    await logs.append(id, 3, [Buffer.from("lo "), Buffer.from("wor"), Buffer.alloc(0), Buffer.from("ld")]);
    expect(await logs.length(id)).toBe(11);
    await expect(logs.append(id, 12, bytes("!"))).rejects.toMatchObject({ code: "conflict" });
    await expect(logs.append(id, -1, bytes("!"))).rejects.toMatchObject({ code: "conflict" });
    await expect(logs.append(id, 0.5, bytes("!"))).rejects.toMatchObject({ code: "conflict" });
    await logs.append(id, 11, bytes("!"));
    await logs.sync(id);
    expect(readFileSync(fileOf(id), "utf8")).toBe("hello world!");
    expect(statSync(fileOf(id)).mode & 0o777).toBe(0o600);
  });

  it("makes any overlapping pieces the whole", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 3_000 }),
        fc.array(fc.tuple(fc.nat(3_000), fc.nat(3_000)), { maxLength: 20 }),
        async (content, cuts) => {
          const id = ids.attempt();
          const whole = Buffer.from(content);
          const appends = [];
          let known = 0;
          for (const [back, size] of cuts) {
            const from = Math.max(0, known - back);
            const piece = whole.subarray(from, from + size);
            known = Math.max(known, from + piece.length);
            appends.push(logs.append(id, from, [piece.subarray(0, 5), piece.subarray(5)]));
          }
          appends.push(logs.append(id, known, [whole.subarray(known)]));
          await Promise.all(appends);
          expect(readFileSync(fileOf(id)).equals(whole)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("keeps many more logs than it keeps open, also across a restart", async () => {
    const many = Array.from({ length: 200 }, () => ids.attempt());
    for (const text of ["a", "b"]) {
      const at = text === "a" ? 0 : 1;
      await Promise.all(many.map((id) => logs.append(id, at, bytes(text))));
    }
    await logs.close();
    logs = createLogStore(join(dir, "logs"));
    await Promise.all(many.map((id) => logs.append(id, 2, bytes("c"))));
    for (const id of many) expect(await all(id)).toBe("abc");
    expect(await logs.usage()).toEqual({ files: 200, sizeBytes: 600 });
  });

  it("takes nothing but ids", async () => {
    const wrong: AttemptId = "att_../../../../etc/passwd";
    await expect(async () => logs.append(wrong, 0, bytes("x"))).rejects.toMatchObject({
      code: "bad_request",
    });
    await expect(logs.read(wrong, 0, 1)).rejects.toMatchObject({ code: "bad_request" });
  });
});

describe("reading", () => {
  it("is bounded, from any offset", async () => {
    const id = ids.attempt();
    expect((await logs.read(id, 0, 10)).length).toBe(0);
    expect(await all(id)).toBe("");
    await logs.append(id, 0, [Buffer.alloc(3_000_000, "x"), Buffer.from("end")]);
    expect((await logs.read(id, 0, 10)).toString()).toBe("x".repeat(10));
    expect((await logs.read(id, 0, 1e9)).length).toBe(1024 * 1024);
    expect((await logs.read(id, 3_000_000, 10)).toString()).toBe("end");
    expect((await logs.read(id, 3_000_003, 10)).length).toBe(0);
    expect((await logs.read(id, 9_000_000, 10)).length).toBe(0);
    expect(await all(id, 2_999_999)).toBe("xend");
    expect((await all(id)).length).toBe(3_000_003);
  });

  it("is over when the log is removed; removing again is nothing", async () => {
    const id = ids.attempt();
    await logs.append(id, 0, bytes("gone"));
    await logs.remove(id);
    await logs.remove(id);
    expect(await logs.length(id)).toBe(0);
    expect((await logs.read(id, 0, 10)).length).toBe(0);
    expect(await logs.usage()).toEqual({ files: 0, sizeBytes: 0 });
  });
});

describe("a full disk", () => {
  it("leaves the log as it was, and takes the same bytes when there is room", async ({ skip }) => {
    const disk = mountSmallDisk("1M");
    if (disk === null) return skip("no file system may be mounted here");
    const small = createLogStore(join(disk.dir, "logs"));
    try {
      const id = ids.attempt();
      await small.append(id, 0, [Buffer.alloc(600_000, "a")]);
      const more = [Buffer.alloc(300_000, "b"), Buffer.alloc(300_000, "c")];
      await expect(small.append(id, 600_000, more)).rejects.toMatchObject({ code: "disk_full", status: 507 });
      expect(await small.length(id)).toBe(600_000);
      expect(statSync(join(disk.dir, "logs", id.slice(4, 6), `${id}.journal`)).size).toBe(600_000);
      disk.remount("size=4M");
      await small.append(id, 600_000, more);
      expect(await small.length(id)).toBe(1_200_000);
      expect((await small.read(id, 599_999, 2)).toString()).toBe("ab");
    } finally {
      await small.close();
      disk.unmount();
    }
  });
});
