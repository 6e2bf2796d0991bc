import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { clientOf, openEdge } from "./edge.ts";
import type { Edge } from "./edge.ts";
import { openPull } from "../offline-github/stage.ts";

let edge: Edge;
let number = 0;
const pace = { priority: "result" } as const;

beforeAll(async () => {
  edge = await openEdge();
  number = (await openPull(edge.stage)).number;
});
afterAll(() => edge.stop());
beforeEach(async () => {
  await edge.stage.github.control.setFaults({ faults: [] });
  // The pull request itself may cost a token first: every test counts from here.
  await edge.github.pulls.get(edge.repository, number);
  edge.calls.length = 0;
});

const outcomes = () => edge.calls.map((call) => call.outcome);

test("a read is repeated after 500 and 502", async () => {
  await edge.stage.github.control.setFaults({
    faults: [{ effect: "server-error" }, { effect: "bad-gateway", nth: 2 }],
  });
  await expect(edge.github.pulls.get(edge.repository, number)).resolves.toMatchObject({ number });
  expect(outcomes()).toEqual(["unclear", "unclear", "ok"]);
});

test("a GitHub that only fails ends in github_failed after a bounded number of tries", async () => {
  await edge.stage.github.control.setFaults({ faults: [{ effect: "server-error", times: 0 }] });
  await expect(edge.github.pulls.get(edge.repository, number)).rejects.toMatchObject({
    code: "github_failed",
  });
  expect(outcomes()).toEqual(["unclear", "unclear", "unclear", "unclear"]);
});

test("a GitHub that answers nothing does not hold a call up beyond its deadline", async () => {
  const seen: string[] = [];
  const github = clientOf(edge.stage, {
    times: { tryMs: 400, totalMs: 3_000 },
    onCall: (call) => seen.push(`${call.what}: ${call.outcome}`),
  });
  await edge.stage.github.control.setFaults({ faults: [{ effect: "hang", times: 0 }] });
  await expect(github.pulls.get(edge.repository, number)).rejects.toMatchObject({ code: "github_failed" });
  expect(seen.length).toBeLessThanOrEqual(4);
  expect(seen.at(-1)).toMatch(/: unclear$/);
});

test("the caller's signal ends a hanging call with the caller's reason", async () => {
  await edge.stage.github.control.setFaults({ faults: [{ effect: "hang", times: 0 }] });
  const stop = new AbortController();
  const call = edge.github.pulls.get(edge.repository, number, stop.signal);
  stop.abort(new Error("no longer wanted"));
  await expect(call).rejects.toThrow("no longer wanted");
});

test("a limit longer than the call's deadline is the caller's to wait for", async () => {
  const github = clientOf(edge.stage, { times: { tryMs: 10_000, totalMs: 20_000 } });
  await edge.stage.github.control.setFaults({ faults: [{ effect: "secondary", method: "GET" }] });
  const seen = await github.pulls.get(edge.repository, number).catch((error: unknown) => error);
  expect(seen).toMatchObject({ code: "github_limited" });
});

test("a comment whose answer was lost is unclear, and was sent once", async () => {
  await edge.stage.github.control.setFaults({ faults: [{ effect: "close-after", method: "POST" }] });
  const created = await edge.github.comments.create(edge.repository, number, "lost answer", pace);
  expect(created.kind).toBe("unclear");
  const comments = await edge.stage.github.control.listComments({ repo: "acme/widgets", number });
  expect(comments.filter((comment) => comment.body === "lost answer")).toHaveLength(1);
});

test("a comment that met a 500 is unclear and not repeated", async () => {
  await edge.stage.github.control.setFaults({ faults: [{ effect: "server-error", method: "POST" }] });
  const created = await edge.github.comments.create(edge.repository, number, "met a 500", pace);
  expect(created.kind).toBe("unclear");
  expect(outcomes()).toEqual(["unclear"]);
});

test("an update is repeated until it is through", async () => {
  const created = await edge.github.comments.create(edge.repository, number, "first", pace);
  if (created.kind !== "written") throw new Error("not written");
  await edge.stage.github.control.setFaults({ faults: [{ effect: "bad-gateway", method: "PATCH" }] });
  const updated = await edge.github.comments.update(edge.repository, created.value.id, "second", pace);
  expect(updated).toMatchObject({ kind: "written", value: { body: "second" } });
});

test("a GitHub that is not there is told apart from an unclear answer, and may be asked again", async () => {
  const elsewhere = clientOf(edge.stage, {
    apiUrl: `http://127.0.0.1:${await closedPort()}`,
    times: { tryMs: 500, totalMs: 1_500 },
  });
  const seen = await elsewhere.pulls.get(edge.repository, number).catch((error: unknown) => error);
  expect(seen).toMatchObject({
    code: "github_failed",
    message: expect.stringContaining("could not be reached"),
  });
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
