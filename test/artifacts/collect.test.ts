import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WantedArtifacts } from "../../runner-bootstrap/boxd/artifact-wire.ts";
import { collectArtifacts } from "../../runner-bootstrap/boxd/artifacts/collect.ts";
import { keepFile } from "../../runner-bootstrap/boxd/artifacts/keep-file.ts";
import { createArtifactQuota } from "../../runner-bootstrap/boxd/artifacts/quota.ts";
import { isArtifacts } from "../../runner-bootstrap/boxd/parse-artifacts.ts";

let dir: string;
let tree: string;
let into: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-artifacts-"));
  tree = join(dir, "tree");
  into = join(dir, "kept");
  mkdirSync(join(dir, "outside"));
  writeFileSync(join(dir, "outside", "secret.txt"), "not yours");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const put = (path: string, text: string) => {
  mkdirSync(join(tree, dirname(path)), { recursive: true });
  writeFileSync(join(tree, path), text);
};
const never = new AbortController().signal;
const BOUNDS = { fileMaxBytes: 1_000, runMaxBytes: 2_000, filesMax: 10 };
async function collect(patterns: readonly string[], bounds: Partial<WantedArtifacts> = {}) {
  const wanted = { ...BOUNDS, patterns, ...bounds };
  const clean = (text: string) => text.replaceAll("s3cret", "***");
  const quota = createArtifactQuota(wanted.runMaxBytes);
  const events = await collectArtifacts({ tree, into, wanted, quota, clean }, never);
  const last = events.at(-1);
  return {
    names: events.flatMap((event) => (event.e === "artifact" ? [event.name] : [])),
    events,
    kept: last?.e === "artifacts" ? last.kept : null,
    notes: last?.e === "artifacts" ? last.notes : [],
  };
}

describe("what is kept", () => {
  it("files that a pattern means, a folder with all in it, each under its hash; nothing wanted: nothing told", async () => {
    put("out/a.txt", "a");
    put("out/deep/er/b.txt", "b");
    put("out/empty", "");
    put("report-s3cret.html", "c");
    put("other.txt", "d");
    const { events, names, kept, notes } = await collect(["out", "*.html"]);
    expect(names).toEqual(["out/a.txt", "out/deep/er/b.txt", "out/empty", "report-***.html"]);
    expect({ kept, notes }).toEqual({ kept: 4, notes: [] });
    for (const event of events) {
      if (event.e !== "artifact") continue;
      const bytes = readFileSync(join(into, event.sha256));
      expect(bytes.length).toBe(event.sizeBytes);
      expect(createHash("sha256").update(bytes).digest("hex")).toBe(event.sha256);
    }
    expect((await collect([])).events).toEqual([]);
  });

  it("a link within the tree is its file; what matches nothing is told", async () => {
    put("out/run-1.log", "log");
    symlinkSync("run-1.log", join(tree, "out/latest.log"));
    expect((await collect(["out/latest.log"])).names).toEqual(["out/latest.log"]);
    expect((await collect(["gone/*"])).notes).toEqual(["No file matches `artifacts` of crabbox.yml."]);
  });
});

describe("what is refused, by name", () => {
  it("links out of the tree, to folders, in circles and into the history; pipes, sockets", async () => {
    put("out/fine.txt", "fine");
    put(".git/config", "[credential]");
    symlinkSync("/etc/passwd", join(tree, "out/passwd"));
    symlinkSync(join(dir, "outside"), join(tree, "out/folder"));
    symlinkSync("../../outside/secret.txt", join(tree, "out/up"));
    symlinkSync("circle", join(tree, "out/circle"));
    symlinkSync("../.git/config", join(tree, "out/history"));
    execFileSync("mkfifo", [join(tree, "out/pipe")]);
    const { names, notes } = await collect(["out", "**/config", "out/folder/*"]);
    expect(names).toEqual(["out/fine.txt"]);
    expect(notes.toSorted()).toEqual([
      "out/circle leads nowhere: not kept.",
      "out/folder is a link out of the work tree: not kept.",
      "out/history is a link out of the work tree: not kept.",
      "out/passwd is a link out of the work tree: not kept.",
      "out/pipe is a pipe, not a file: not kept.",
      "out/up is a link out of the work tree: not kept.",
    ]);
    expect(readdirSync(into)).toHaveLength(1);
  });

  it("a folder that was swapped for a link is not entered", async () => {
    mkdirSync(tree);
    symlinkSync(join(dir, "outside"), join(tree, "out"));
    expect((await collect(["out/secret.txt", "out/**"])).names).toEqual([]);
    // Nor read, should that happen between finding and opening.
    const bounds = { fileMaxBytes: 100, leftBytes: 100 };
    expect(await keepFile(tree, "out/secret.txt", dir, bounds, never)).toEqual({
      refused: "is a link out of the work tree",
    });
  });

  it("names that nobody should have to see: line feeds, direction marks, bytes that are no UTF-8", async () => {
    put("out/a\nb", "1");
    put("out/\u202egpj.exe", "2");
    put("out/back\\slash", "3");
    put("out/folder\u001b[2J/x", "4");
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/out/`), Buffer.from([0xff, 0xfe])]), "5");
    put("out/ümlaut – fine.txt", "6");
    const { names, notes } = await collect(["out"]);
    expect(names).toEqual(["out/ümlaut – fine.txt"]);
    expect(notes).toHaveLength(5);
    expect(notes).toContain("out/a\\u{a}b has a name that is not kept.");
    for (const note of notes) expect(note).not.toMatch(/[\p{Cc}\p{Cf}\ufffd]/u);
  });

  it("what is too large, alone or together; a sparse file is its size", async () => {
    put("out/a", "a".repeat(900));
    put("out/b", "");
    truncateSync(join(tree, "out/b"), 50 * 1024 ** 3);
    put("out/c", "c".repeat(900));
    put("out/d", "d".repeat(900));
    linkSync(join(tree, "out/a"), join(tree, "out/e"));
    const { names, notes } = await collect(["out"]);
    expect(names).toEqual(["out/a", "out/c"]);
    expect(notes).toEqual([
      "out/b is larger than 1000 bytes: not kept.",
      "out/d is more than the run's artifacts may have together: not kept.",
      "out/e is more than the run's artifacts may have together: not kept.",
    ]);
  });

  it("of 10,000 files the first, and the number of the others; of many sentences the first, too", async () => {
    mkdirSync(join(tree, "out"), { recursive: true });
    for (let n = 10_000; n < 20_000; n += 1) writeFileSync(join(tree, "out", `${n}`), "x");
    const { names, kept, notes } = await collect(["out"]);
    expect(names).toEqual(Array.from({ length: 10 }, (_, n) => `out/${10_000 + n}`));
    expect({ kept, notes }).toEqual({
      kept: 10,
      notes: ["9990 more files match; 10 of at most 10 are kept."],
    });
    const none = await collect(["out"], { fileMaxBytes: 0 });
    expect(none.notes).toHaveLength(20);
    expect(none.notes.at(-1)).toBe("9981 more were not kept.");
  });
});

it.each([["/etc/*"], ["a/../../b"], [".git/config"], ["a/.GIT/x"], [""], ["x".repeat(257)], [1]])(
  "a task with the pattern %j is refused",
  (pattern) => {
    expect(isArtifacts({ ...BOUNDS, patterns: [pattern] })).toBe(false);
    expect(isArtifacts({ ...BOUNDS, patterns: ["out"] })).toBe(true);
  },
);
