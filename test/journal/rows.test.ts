import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createLineIndex } from "../../app/journal/line-index.ts";
import { readRows } from "../../app/journal/rows.ts";
import { VIEW_BYTES } from "../../app/journal/row.ts";
import { memoryJournal } from "./journal.ts";

const shown = async (journal: ReturnType<typeof memoryJournal>, from = 0, count = 500) =>
  (await readRows(journal.read, createLineIndex(journal.read), from, count)).map(({ s }) => s);

describe("rows of a journal", () => {
  test("are the lines, whatever frames they came in", async () => {
    const lines = fc.array(
      fc.string({ maxLength: 40 }).map((line) => line.replaceAll("\n", " ")),
      { maxLength: 40 },
    );
    const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), cuts, fc.nat(50), async (wanted, isOpen, sizes, from) => {
        const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join("") + (isOpen ? "rest" : ""));
        const journal = memoryJournal();
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          journal.output(bytes.subarray(at, at + size));
          at += size;
        }
        const all = isOpen ? [...wanted, "rest"] : wanted;
        const index = createLineIndex(journal.read);
        const rows = await readRows(journal.read, index, from, 20);
        expect(index.rows).toBe(all.length);
        expect(rows.map(({ s }) => s)).toEqual(all.slice(from, from + 20).map((line) => line.toWellFormed()));
        expect(rows.map(({ n }) => n)).toEqual(rows.map((_, at) => from + at));
      }),
      { numRuns: 200 },
    );
  });

  test("events are rows of their own and end an open line", async () => {
    const journal = memoryJournal();
    journal.event({ e: "phase", name: "sync", at: "begin" });
    journal.output("fetch");
    journal.event({ e: "phase", name: "sync", at: "end", outcome: "succeeded", ms: 83 });
    journal.output("hello\nwor");
    journal.event({ e: "gap", bytes: 1_500_000, reason: "cap" });
    journal.event({ e: "failure", i: 0, name: "t", message: "m" });
    journal.event({
      e: "results",
      from: "output",
      formats: ["tap"],
      files: 0,
      passed: 1_204,
      failed: 3,
      skipped: 0,
      notes: [],
    });
    journal.output("ld\n");
    journal.event({ e: "exit", code: 7, executed: true, survivors: [], rung: "cgroup2", endedAt: 1 });
    const rows = await readRows(journal.read, createLineIndex(journal.read), 0, 50);
    expect(rows.map(({ k, s }) => [k, s])).toEqual([
      ["phase", "sync"],
      ["out", "fetch"],
      ["note", "sync succeeded in 83 ms"],
      ["out", "hello"],
      ["out", "wor"],
      ["gap", "1.5 MB left out here (the log reached its cap; its head and tail are kept)"],
      ["bad", "Tests: 1,204 passed, 3 failed"],
      ["out", "ld"],
      ["bad", "Exited with 7"],
    ]);
  });

  test("a whole job ends as a job, with the step that failed", async () => {
    const journal = memoryJournal();
    const job = { executed: true, survivors: [], rung: "cgroup2", endedAt: 1 } as const;
    journal.event({ e: "exit", ...job, code: 0, conclusion: "success" });
    journal.event({ e: "exit", ...job, conclusion: "failure", step: "test", error: "it is wrong" });
    const rows = await readRows(journal.read, createLineIndex(journal.read), 0, 50);
    expect(rows.map(({ k, s }) => [k, s])).toEqual([
      ["good", "The job succeeded"],
      ["bad", 'The job failed at the step "test": it is wrong'],
    ]);
  });

  test("hostile events make no row, or a bounded one", async () => {
    const journal = memoryJournal();
    for (const text of ["not json", "[]", '{"e":"phase"}', '{"e":"__proto__"}', '{"e":"gap","bytes":"x"}']) {
      const payload = Buffer.from(text);
      const header = Buffer.alloc(16);
      header.writeUInt8(2, 0);
      header.writeUInt32BE(payload.length, 4);
      journal.raw(Buffer.concat([header, payload]));
    }
    journal.event({ e: "note", text: `a\n${"b".repeat(5000)}` });
    const rows = await shown(journal);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatch(/^a b+$/u);
    expect(rows[0]?.length).toBe(500);
  });

  test("characters across frames are whole, and bytes that are none are shown as such", async () => {
    const journal = memoryJournal();
    const bytes = Buffer.from("🦀é\n");
    for (const byte of bytes) journal.output(Buffer.from([byte]));
    journal.output(Buffer.from([0xff, 0x61, 0xc3, 0x0a]));
    expect(await shown(journal)).toEqual(["🦀é", "\uFFFDa\uFFFD"]);
  });

  test("a torn tail and what stands behind it are not there", async () => {
    const journal = memoryJournal();
    journal.output("whole\n");
    const lie = Buffer.alloc(20);
    lie.writeUInt8(1, 0);
    lie.writeUInt32BE(0xffff_ffff, 4);
    journal.raw(lie);
    journal.output("never\n");
    expect(await shown(journal)).toEqual(["whole"]);
  });
});

describe("lines too long for a screen", () => {
  const giant = 50 * 1024 * 1024;

  test("are cut on a character's border, counted, and cost nothing to pass", async () => {
    const journal = memoryJournal();
    journal.output("before\n");
    for (let at = 0; at < giant; at += 1024 * 1024) journal.output("é".repeat(512 * 1024));
    journal.output("\nafter\n");
    const index = createLineIndex(journal.read);
    await index.cover(10);
    const before = journal.readBytes;
    const rows = await readRows(journal.read, index, 0, 10);
    expect(journal.readBytes - before).toBeLessThan(4 * 1024 * 1024);
    expect(rows.map(({ n, cut }) => [n, cut])).toEqual([
      [0, undefined],
      [1, giant],
      [2, undefined],
    ]);
    expect(rows[1]?.s).toBe("é".repeat(VIEW_BYTES / 2));
    expect(rows[2]?.s).toBe("after");
  });

  test("a progress bar of megabytes shows its last state, also while it goes on", async () => {
    const journal = memoryJournal();
    const index = createLineIndex(journal.read);
    for (let percent = 0; percent < 100; percent += 1) journal.output(`${percent}% ${"#".repeat(2000)}\r`);
    expect((await readRows(journal.read, index, 0, 5)).map(({ s, cut }) => [s.slice(0, 4), cut])).toEqual([
      ["99% ", undefined],
    ]);
    journal.output("done\nnext\n");
    expect((await readRows(journal.read, index, 0, 5)).map(({ s }) => s)).toEqual(["done", "next"]);
  });

  test("a short line that was written over comes whole: the page plays it", async () => {
    const journal = memoryJournal();
    journal.output("10%\r20%\r\n");
    expect(await shown(journal)).toEqual(["10%\r20%\r"]);
  });
});

test("an index of many rows stays small and any page is found by a short read", async () => {
  const journal = memoryJournal();
  const piece = "\n".repeat(60_000);
  for (let turn = 0; turn < 150; turn += 1) journal.output(piece);
  journal.output("the end\n");
  const index = createLineIndex(journal.read);
  await index.cover(Number.MAX_SAFE_INTEGER);
  expect(index.rows).toBe(9_000_001);
  const before = journal.readBytes;
  const rows = await readRows(journal.read, index, 8_999_990, 20);
  expect(rows.at(-1)?.s).toBe("the end");
  expect(rows).toHaveLength(11);
  expect(journal.readBytes - before).toBeLessThan(2 * 1024 * 1024);
});
