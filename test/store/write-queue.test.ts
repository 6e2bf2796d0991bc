import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Knex } from "knex";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { connectReaders, connectWriter } from "../../app/store/connection.ts";
import { createWriteQueue, type WriteQueue } from "../../app/store/write-queue.ts";

let dir: string;
let writer: Knex;
let readers: Knex;
let queue: WriteQueue;
let begun: number;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  writer = connectWriter(join(dir, "q.sqlite"));
  await writer.schema.createTable("t", (t) => {
    t.integer("n").primary();
  });
  readers = connectReaders(join(dir, "q.sqlite"));
  begun = 0;
  const guard = () => Promise.resolve((begun += 1)).then(() => undefined);
  queue = createWriteQueue({ writer, guard, toError: (thrown) => thrown });
});
afterEach(async () => {
  await queue.close();
  await Promise.all([readers.destroy(), writer.destroy()]);
  rmSync(dir, { recursive: true, force: true });
});

const stored = async () => (await readers("t").orderBy("n").select<{ n: number }[]>("n")).map((row) => row.n);
const insert = (n: number) => queue.write(async (db) => db("t").insert({ n }));

describe("group commit", () => {
  it("does what waits in one transaction, in order", async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        queue.write(async (db) => {
          order.push(n);
          await db("t").insert({ n });
        }),
      ),
    );
    expect(begun).toBe(1);
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(await stored()).toHaveLength(50);
  });

  it("undoes a failing piece whole and alone", async () => {
    const insertTwo = () =>
      queue.write(async (db) => {
        await db("t").insert({ n: 100 });
        await db("t").insert({ n: 1 });
      });
    const results = await Promise.allSettled([insert(1), insertTwo(), insert(2), insert(1), insert(3)]);
    expect(results.map((result) => result.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    expect(await stored()).toEqual([1, 2, 3]);
    expect(begun).toBe(1);
  });

  it("undoes a lone failing piece, and goes on", async () => {
    const broken = queue.write(async (db) => {
      await db("t").insert({ n: 7 });
      throw new Error("no");
    });
    await expect(broken).rejects.toThrow("no");
    expect(await stored()).toEqual([]);
    await insert(8);
    expect(await stored()).toEqual([8]);
  });

  it("answers only what a reader can see", async () => {
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        await insert(n);
        expect(await stored()).toContain(n);
      }),
    );
  });

  it("finishes what waits when closed, and refuses more", async () => {
    const waiting = [insert(1), insert(2)];
    await queue.close();
    await Promise.all(waiting);
    expect(await stored()).toEqual([1, 2]);
    await expect(insert(3)).rejects.toMatchObject({ code: "draining" });
  });
});
