import { describe, expect, test } from "vitest";
import { createLineIndex } from "../../app/journal/line-index.ts";
import { outputOf } from "../../app/journal/output.ts";
import { searchRows } from "../../app/journal/search.ts";
import { readTail } from "../../app/journal/tail.ts";
import { memoryJournal } from "./journal.ts";

type Journal = ReturnType<typeof memoryJournal>;

async function hits(journal: Journal, needle: string, from = 0): Promise<readonly number[]> {
  const index = createLineIndex(journal.read);
  await index.cover(Number.MAX_SAFE_INTEGER);
  const found: number[] = [];
  for await (const step of searchRows(journal.read, index, from, needle)) found.push(...step.hits);
  return found;
}

async function text(journal: Journal, ansi: "keep" | "strip"): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of outputOf(journal.read, ansi)) parts.push(part);
  return Buffer.concat(parts);
}

describe("a search", () => {
  const journal = memoryJournal();
  journal.output("Alpha\nbeta er");
  journal.output("ror here\n\u001b[31mcol\u001b[1mour\u001b[0m\n");
  journal.event({ e: "step", n: 1, name: "Install Alpha", at: "begin" });
  journal.output("ÉTÉ (a.b)\nlast alpha without newline");

  test.each<[string, readonly number[]]>([
    ["alpha", [0, 3, 5]],
    ["ALPHA", [0, 3, 5]],
    ["error", [1]],
    ["colour", [2]],
    ["été", [4]],
    ["(a.b)", [4]],
    ["a*b", []],
    ["31m", []],
    ["er\nror", []],
  ])("for %j finds rows %j", async (needle, rows) => {
    expect(await hits(journal, needle)).toEqual(rows);
  });

  test("begins where it is told", async () => {
    expect(await hits(journal, "alpha", 1)).toEqual([3, 5]);
    expect(await hits(journal, "alpha", 5)).toEqual([5]);
    expect(await hits(journal, "alpha", 999)).toEqual([]);
  });

  test("goes on where it stood when the log grew", async () => {
    const growing = memoryJournal();
    const index = createLineIndex(growing.read);
    growing.output("one\ntw");
    const [first] = await Array.fromAsync(searchRows(growing.read, index, 0, "two"));
    const last = (await Array.fromAsync(searchRows(growing.read, index, 0, "two"))).at(-1);
    expect(first?.hits).toEqual([]);
    expect(last).toEqual({ hits: [], next: 1, ended: true });
    growing.output("o\nthree\n");
    const found = await Array.fromAsync(searchRows(growing.read, index, last?.next ?? 0, "two"));
    expect(found.flatMap((step) => step.hits)).toEqual([1]);
  });
});

describe("the output as text", () => {
  test("is byte for byte what was kept", async () => {
    const journal = memoryJournal();
    const bytes = Buffer.from([0xff, 0x00, 0x0a, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0xc3, 0xa9]);
    journal.event({ e: "phase", name: "execute", at: "begin" });
    for (const byte of bytes) journal.output(Buffer.from([byte]));
    expect(await text(journal, "keep")).toEqual(bytes);
  });

  test("has no escape sequence when they are stripped, not even one across frames", async () => {
    const journal = memoryJournal();
    journal.output("a\u001b[3");
    journal.output("1mred\u001b[0m\nb\u001b]8;;http://x\u0007link\u001b]8;;\u0007 é");
    expect((await text(journal, "strip")).toString()).toBe("ared\nblink é");
  });

  test("says where a gap is", async () => {
    const journal = memoryJournal();
    journal.output("head\n");
    journal.event({ e: "gap", bytes: 5000, reason: "disk_full" });
    journal.output("tail\n");
    expect((await text(journal, "strip")).toString()).toMatch(
      /^head\n\n\[crabbox: 5 KB left out here .*\]\ntail\n$/u,
    );
  });
});

describe("the tail", () => {
  test("begins at a line and counts what is before it", async () => {
    const journal = memoryJournal();
    for (let n = 0; n < 1000; n += 1) journal.output(`line ${n}\n`);
    const whole = (await text(journal, "keep")).length;
    const tail = await readTail(journal.read, 100);
    expect(tail.text).toMatch(/^line \d+\n[\s\S]*line 999\n$/u);
    expect(tail.text.length).toBeLessThanOrEqual(100);
    expect(tail.beforeBytes + tail.text.length).toBe(whole);
  });

  test("never begins inside of a character", async () => {
    const journal = memoryJournal();
    journal.output("🦀".repeat(2000));
    const tail = await readTail(journal.read, 101);
    expect(tail.text).toBe("🦀".repeat(25));
    expect(tail.beforeBytes).toBe(8000 - 100);
  });

  test("is the same whatever pieces the output came in", async () => {
    const whole = Array.from({ length: 4_000 }, (_, n) => `line ${n} of a longer log\n`).join("");
    for (const pieceBytes of [1, 7, 64, 40_000]) {
      const journal = memoryJournal();
      for (let at = 0; at < whole.length; at += pieceBytes) journal.output(whole.slice(at, at + pieceBytes));
      const tail = await readTail(journal.read, 1_000);
      expect(tail.text).toBe(whole.slice(tail.beforeBytes));
      expect(tail.text.length).toBeGreaterThan(900);
    }
  });

  test("of a short log is all of it", async () => {
    const journal = memoryJournal();
    journal.output("short");
    expect(await readTail(journal.read, 100)).toEqual({ text: "short", beforeBytes: 0 });
  });
});
