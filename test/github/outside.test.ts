import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createSystemClock } from "../../app/clock.ts";
import { createOutside } from "../../app/github/outside.ts";
import type { Ensure } from "../../app/github/outside.ts";
import { openStore } from "../../app/store/open-store.ts";
import type { Store } from "../../app/store/store.ts";
import { openPull } from "../offline-github/stage.ts";
import { openEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";

const clock = createSystemClock();
const REPO = "acme/widgets";
const NAME = "crabbox";

let edge: Edge;
let store: Store;
let number = 0;
let headSha = "";

beforeAll(async () => {
  edge = await openEdge();
  store = await openStore({ path: join(edge.stage.dir, "app.sqlite"), clock });
  const pull = await openPull(edge.stage);
  number = pull.number;
  headSha = pull.headSha;
});
afterAll(async () => {
  await store.close();
  await edge.stop();
});
beforeEach(() => edge.stage.github.control.setFaults({ faults: [] }));

const idSchema = z.object({ id: z.number() });
const pace = { priority: "result" } as const;

function checkOf(externalId: string): Ensure<{ id: number }> {
  const check = { name: NAME, headSha, externalId };
  return {
    key: `check:${externalId}`,
    result: idSchema,
    sent: "hash",
    find: () => edge.github.checkRuns.findByExternalId(edge.repository, check),
    create: () =>
      edge.github.checkRuns.create(
        edge.repository,
        { ...check, status: "queued", output: { title: "Queued", summary: "1st" } },
        pace,
      ),
  };
}

function stickyOf(marker: string): Ensure<{ id: number }> {
  return {
    key: `sticky:${marker}`,
    result: idSchema,
    sent: "hash",
    find: () => edge.github.comments.findOurs(edge.repository, number, marker),
    create: () => edge.github.comments.create(edge.repository, number, `Hello ${marker}`, pace),
  };
}

const checksNamed = async (externalId: string) => {
  const all = await edge.stage.github.control.listCheckRuns({ repo: REPO, sha: headSha });
  return all.filter((check) => check.externalId === externalId);
};

test("made once, then answered from the store", async () => {
  const outside = createOutside({ outside: store.outside, clock });
  const first = await outside.ensure(checkOf("run_a"));
  const again = await outside.ensure(checkOf("run_a"));
  expect(first.created).toBe(true);
  expect(again).toMatchObject({ created: false, value: { id: first.value.id } });
  expect(await store.outside.get("check:run_a")).toMatchObject({ state: "done", sent: "hash" });
  expect(await checksNamed("run_a")).toHaveLength(1);
});

test("asked many times at once it is made once", async () => {
  const outside = createOutside({ outside: store.outside, clock });
  const all = await Promise.all(Array.from({ length: 5 }, () => outside.ensure(checkOf("run_b"))));
  expect(new Set(all.map((ensured) => ensured.value.id)).size).toBe(1);
  expect(await checksNamed("run_b")).toHaveLength(1);
});

test("a check run whose answer was lost is found, not made again", async () => {
  await edge.stage.github.control.setFaults({
    faults: [{ effect: "close-after", method: "POST", path: "check-runs" }],
  });
  const ensured = await createOutside({ outside: store.outside, clock }).ensure(checkOf("run_c"));
  const made = await checksNamed("run_c");
  expect(made.map((check) => check.id)).toEqual([ensured.value.id]);
});

test("a comment that never arrived is made after nothing was found", async () => {
  const marker = "<!-- sticky-d -->";
  await edge.stage.github.control.setFaults({
    faults: [{ effect: "close-before", method: "POST", path: "comments" }],
  });
  const ensured = await createOutside({ outside: store.outside, clock }).ensure(stickyOf(marker));
  const comments = await edge.stage.github.control.listComments({ repo: REPO, number });
  expect(comments.filter((comment) => comment.body.includes(marker)).map((comment) => comment.id)).toEqual([
    ensured.value.id,
  ]);
});

test("after a crash between the call and its record the next process finds what was made", async () => {
  const call = stickyOf("<!-- sticky-e -->");
  // What a process leaves behind that died right after GitHub took the comment.
  await store.outside.intend(call.key);
  const made = await call.create();
  if (made.kind !== "written") throw new Error("not written");
  const ensured = await createOutside({ outside: store.outside, clock }).ensure(call);
  expect(ensured).toEqual({ created: false, value: expect.objectContaining({ id: made.value.id }) });
  expect(await store.outside.get(call.key)).toMatchObject({ state: "done", sent: "" });
});

test("somebody else's comment with our marker is not ours", async () => {
  const marker = "<!-- sticky-f -->";
  const forged = await edge.stage.github.control.comment({
    repo: REPO,
    number,
    login: "wendy",
    body: marker,
  });
  const call = stickyOf(marker);
  await store.outside.intend(call.key);
  const ensured = await createOutside({ outside: store.outside, clock }).ensure(call);
  expect(ensured.created).toBe(true);
  expect(ensured.value.id).not.toBe(forged.id);
});

test("who stops waiting does not break the creation off, and who comes next waits for it", async () => {
  const outside = createOutside({ outside: store.outside, clock });
  await edge.stage.github.control.setFaults({
    faults: [{ effect: "delay", method: "POST", path: "check-runs", delayMs: 300 }],
  });
  const stop = new AbortController();
  const first = outside.ensure({ ...checkOf("run_g"), signal: stop.signal });
  setTimeout(() => stop.abort(new Error("settled")), 100);
  await expect(first).rejects.toThrow("settled");
  const next = await outside.ensure(checkOf("run_g"));
  expect((await checksNamed("run_g")).map((check) => check.id)).toEqual([next.value.id]);
});

test("what was taken out before it was sent is made at once the next time, without a look", async () => {
  const outside = createOutside({ outside: store.outside, clock });
  const call = checkOf("run_h");
  const unsent = { ...call, create: () => Promise.reject(new Error("taken out")) };
  await expect(outside.ensure(unsent)).rejects.toThrow("taken out");
  const blind = { ...call, find: () => Promise.reject(new Error("nobody may look")) };
  expect((await outside.ensure(blind)).created).toBe(true);
});
