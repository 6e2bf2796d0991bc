import { describe, expect, it } from "vitest";
import { parseTask } from "../../runner-bootstrap/boxd/parse-task.ts";
import { taskEventSchema } from "../../app/ssh/events-schema.ts";
import { taskOf } from "../boxd/box.ts";

const entry = { key: "k", version: "v", sha256: "a".repeat(64), sizeBytes: 1, createdAt: 1 };
const scope = { ref: "refs/pull/7/merge", entries: [entry] };
const parse = (caches: unknown) => parseTask(JSON.stringify({ ...taskOf({}), caches }));

describe("what a task offers of caches", () => {
  it("is taken as the App makes it", () => {
    expect(parse({ scopes: [scope], entryMaxBytes: 0 })).toHaveProperty("task");
    expect(parse(undefined)).toHaveProperty("task");
  });

  it.each([
    ["no list", { entryMaxBytes: 1 }],
    ["no scope to write to", { scopes: [], entryMaxBytes: 1 }],
    ["more scopes than there are", { scopes: [scope, scope, scope, scope], entryMaxBytes: 1 }],
    ["a size below nothing", { scopes: [scope], entryMaxBytes: -1 }],
    ["no ref", { scopes: [{ entries: [] }], entryMaxBytes: 1 }],
    [
      "a way in a hash's place",
      { scopes: [{ ...scope, entries: [{ ...entry, sha256: "../x" }] }], entryMaxBytes: 1 },
    ],
    [
      "a text in a size's place",
      { scopes: [{ ...scope, entries: [{ ...entry, sizeBytes: "1" }] }], entryMaxBytes: 1 },
    ],
    ["null", null],
  ])("is refused with %s", (_what, caches) => {
    expect(parse(caches)).toEqual({ refused: "caches: expected scopes and entryMaxBytes" });
  });
});

describe("what a box says of caches", () => {
  it("is bounded; a hash that was masked is no lie, and no hash", () => {
    const saved = { e: "cache", at: "saved", ...entry, sha256: "***" };
    expect(taskEventSchema.safeParse(saved).success).toBe(true);
    expect(taskEventSchema.safeParse({ ...saved, key: "k".repeat(2_000) }).success).toBe(false);
    expect(taskEventSchema.safeParse({ ...saved, sizeBytes: -1 }).success).toBe(false);
    // A scope that it names is dropped unread.
    expect(taskEventSchema.parse({ ...saved, ref: "refs/heads/main" })).not.toHaveProperty("ref");
  });
});
