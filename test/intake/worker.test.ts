import { afterEach, beforeEach, expect, test } from "vitest";
import { createSystemClock } from "../../app/clock.ts";
import { AppError } from "../../app/errors.ts";
import type { Receive, WebhookEvent } from "../../app/intake/receiver.ts";
import { createIntakeWorker } from "../../app/intake/worker.ts";
import type { IntakeWorker } from "../../app/intake/worker.ts";
import { QUIET } from "../github/edge.ts";
import { openDoor, payload } from "./stage.ts";
import type { Door } from "./stage.ts";

let door: Door;
let workers: IntakeWorker[];
beforeEach(async () => {
  door = await openDoor();
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop(1_000)));
  await door.stop();
});

function work(receive: Receive, handlerMs = 5_000): IntakeWorker {
  const worker = createIntakeWorker({
    deliveries: door.store.deliveries,
    receive,
    clock: createSystemClock(),
    log: QUIET,
    // Wakes must do: a poll that late would fail these tests.
    times: { pollMs: 600_000, handlerMs, firstRetryMs: 0 },
  });
  workers.push(worker);
  worker.start();
  return worker;
}

function put(guid: string, body: string): Promise<string> {
  return door.store.deliveries.put({
    guid,
    event: "issue_comment",
    action: "created",
    installationId: 70,
    body: Buffer.from(body),
  });
}

const WAIT = { timeout: 60_000, interval: 20 };
const counts = () => door.store.deliveries.counts();

test("a stored delivery is handed on as an event, once, when the worker is woken", async () => {
  const seen: WebhookEvent[] = [];
  const worker = work(async (event) => {
    seen.push(event);
  });
  await put("one", payload());
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 1, dead: 0 });
  expect(seen).toMatchObject([{ id: "one", name: "issue_comment", payload: { action: "created" } }]);
});

test("a payload that no handler will ever understand is a dead letter at once", async () => {
  let tries = 0;
  const worker = work(async () => {
    tries += 1;
    throw new AggregateError([new AppError("bad_request", "It lacks a repository.", "See GitHub.")]);
  });
  await put("strange", payload());
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 0, dead: 1 });
  expect(tries).toBe(1);
});

test("a handler that always fails ends as a dead letter, and can be revived", async () => {
  let tries = 0;
  let mended = false;
  const worker = work(async () => {
    tries += 1;
    if (!mended) throw new AggregateError([new Error("GitHub is away")]);
  });
  await put("poison", payload());
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 0, dead: 1 });
  expect(tries).toBe(12);
  expect(await door.store.deliveries.dead()).toMatchObject([
    { guid: "poison", tries: 12, error: "Error: GitHub is away" },
  ]);
  mended = true;
  await door.store.deliveries.revive("poison");
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 1, dead: 0 });
});

test("what cannot even be read becomes a dead letter and blocks nobody", async () => {
  const seen: string[] = [];
  const worker = work(async (event) => {
    seen.push(event.id);
  });
  await put("broken", "{not json");
  for (let n = 0; n < 200; n += 1) await put(`good-${n}`, payload({ number: n }));
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 200, dead: 1 });
  expect(new Set(seen).size).toBe(200);
  expect(seen).toHaveLength(200);
});

test("a handler that hangs is given up, and others go on meanwhile", async () => {
  const worker = work(async (event) => {
    if (event.id === "hangs") await new Promise(() => undefined);
  }, 100);
  await put("hangs", payload({ number: 1 }));
  await put("fine", payload({ number: 2 }));
  worker.wake();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 1, dead: 1 });
});

test("deliveries of one pull request go one after the other, of several side by side", async () => {
  const seen: string[] = [];
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const gateOf = (id: string) => {
    const gate = gates.get(id) ?? Promise.withResolvers<void>();
    gates.set(id, gate);
    return gate;
  };
  const worker = work(async (event) => {
    seen.push(event.id);
    await gateOf(event.id).promise;
  });
  for (const [guid, number] of Object.entries({ a1: 1, a2: 1, a3: 1, b1: 2 }))
    await put(guid, payload({ number }));
  worker.wake();
  await expect.poll(() => [...seen].sort(), WAIT).toEqual(["a1", "b1"]);
  for (const id of ["a1", "a2", "a3", "b1"]) gateOf(id).resolve();
  await expect.poll(counts, WAIT).toEqual({ stored: 0, done: 4, dead: 0 });
  expect(seen.filter((id) => id.startsWith("a"))).toEqual(["a1", "a2", "a3"]);
});

test("stop lets the handler under way end and takes nothing more", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const worker = work(async (event) => {
    seen.push(event.id);
    await gate.promise;
  });
  await put("first", payload({ number: 1 }));
  await put("second", payload({ number: 1 }));
  worker.wake();
  await expect.poll(() => seen, WAIT).toEqual(["first"]);
  const stopped = worker.stop(30_000);
  gate.resolve();
  await stopped;
  expect(seen).toEqual(["first"]);
  expect(await counts()).toEqual({ stored: 1, done: 1, dead: 0 });
});
