import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { collectArtifacts } from "../../runner-bootstrap/boxd/artifacts/collect.ts";
import { createArtifactQuota } from "../../runner-bootstrap/boxd/artifacts/quota.ts";

const RUN_MAX_BYTES = 2_000;

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "crabbox-bounds-"));
  mkdirSync(join(dir, "tree/out"), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const put = (path: string, text: string) => writeFileSync(join(dir, "tree", path), text);
async function collect(
  patterns: readonly string[],
  {
    signal = new AbortController().signal,
    quota = createArtifactQuota(RUN_MAX_BYTES),
    clean = (text: string) => text,
  } = {},
) {
  const wanted = { patterns, fileMaxBytes: 1_000, runMaxBytes: RUN_MAX_BYTES, filesMax: 10 };
  const deps = { tree: join(dir, "tree"), into: join(dir, "kept"), wanted, quota, clean };
  const events = await collectArtifacts(deps, signal);
  const last = events.at(-1);
  return {
    events,
    names: events.flatMap((event) => (event.e === "artifact" ? [event.name] : [])),
    notes: last?.e === "artifacts" ? last.notes : [],
  };
}

describe("what a collection has", () => {
  it("nothing once time is up, and that is told", async () => {
    put("out/a", "a");
    const { names, notes } = await collect(["out"], { signal: AbortSignal.abort() });
    expect(names).toEqual([]);
    expect(notes.join(" ")).toContain("Not every folder was looked through.");
    // In the middle: told is how many are left, and what to do about it.
    for (const name of ["b", "c"]) put(`out/${name}`, name);
    const time = new AbortController();
    const clean = (text: string) => {
      time.abort();
      return text;
    };
    const half = await collect(["out"], { signal: time.signal, clean });
    expect(half.names).toEqual(["out/a"]);
    expect(half.notes).toEqual([
      expect.stringMatching(/seconds for copying were over: 2 more .*Name fewer or smaller/u),
    ]);
  });

  it("what steps uploaded counts first, and is told by name when it stays behind, also without a pattern", async () => {
    put("out/a", "a".repeat(900));
    put("out/b", "b".repeat(50));
    const quota = createArtifactQuota(RUN_MAX_BYTES);
    quota.take(1_900);
    quota.leave("The artifact large stays on the box.");
    const { names, notes } = await collect(["out"], { quota });
    expect(names).toEqual(["out/b"]);
    expect(notes).toEqual([
      "The artifact large stays on the box.",
      "out/a is more than the run's artifacts may have together: not kept.",
    ]);
    expect((await collect([], { quota })).events).toEqual([
      { e: "artifacts", kept: 0, notes: ["The artifact large stays on the box."] },
    ]);
  });
});
