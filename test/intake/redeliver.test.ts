import { afterEach, beforeEach, expect, test } from "vitest";
import { createSystemClock } from "../../app/clock.ts";
import { createAccountFilter } from "../../app/intake/account-filter.ts";
import { createLookedUntil } from "../../app/intake/looked-until.ts";
import { createRedeliver } from "../../app/intake/redeliver.ts";
import { isWanted } from "../../app/webhooks/register.ts";
import type { Redeliver } from "../../app/intake/redeliver.ts";
import { clientOf, QUIET } from "../github/edge.ts";
import { openPull, openStage, REPO } from "../offline-github/stage.ts";
import type { Stage } from "../offline-github/stage.ts";
import { openDoor, SECRET } from "./stage.ts";
import type { Door } from "./stage.ts";

let door: Door;
let stage: Stage;
let number = 0;
let woken = 0;

beforeEach(async () => {
  door = await openDoor();
  stage = await openStage({ webhookSecret: SECRET });
  number = (await openPull(stage)).number;
  woken = 0;
});
afterEach(async () => {
  await stage.stop();
  await door.stop();
});

function redeliverOf(accounts: readonly string[] = ["acme"]): Redeliver {
  return createRedeliver({
    github: clientOf(stage).deliveries,
    deliveries: door.store.deliveries,
    isOurs: createAccountFilter(accounts, QUIET),
    isWanted,
    onStored: () => {
      woken += 1;
    },
    lookedUntil: createLookedUntil(door.store.outside),
    clock: createSystemClock(),
    log: QUIET,
  });
}

/** What GitHub sends while nobody listens. */
async function commentWhileDown(count: number): Promise<void> {
  const { control } = stage.github;
  await control.updateApp({ webhookUrl: "http://127.0.0.1:9/down" });
  for (let n = 0; n < count; n += 1) {
    await control.comment({ repo: REPO, number, login: "wendy", body: `/crabbox run -- echo ${n} 🦀` });
  }
  await control.waitIdle({ timeoutMs: 30_000 });
}

async function storedComments(): Promise<string[]> {
  const stored = await door.store.deliveries.claim(1_000, 60_000);
  return stored
    .filter((delivery) => delivery.event === "issue_comment")
    .map((delivery) => {
      const parsed = JSON.parse(delivery.body.toString("utf8")) as { comment: { body: string } };
      return parsed.comment.body;
    });
}

test("what was sent while the App was down is fetched, and once", async () => {
  await commentWhileDown(12);
  const redeliver = redeliverOf();
  const first = await redeliver.look();
  expect(first.fetched).toBeGreaterThanOrEqual(12);
  expect(await redeliver.look()).toEqual({ fetched: 0, asked: 0 });
  expect(await storedComments()).toEqual(
    Array.from({ length: 12 }, (_, n) => `/crabbox run -- echo ${n} 🦀`),
  );
});

test("the fetched payload is byte for byte what GitHub sends: a late redelivery is a duplicate", async () => {
  await commentWhileDown(1);
  await redeliverOf().look();
  const [sent] = await stage.github.control.listDeliveries({ event: "issue_comment" });
  await stage.github.control.updateApp({ webhookUrl: door.url });
  await stage.github.control.redeliver({ guid: sent?.guid ?? "" });
  await stage.github.control.waitIdle({ timeoutMs: 30_000 });
  const attempts = await stage.github.control.listDeliveries({ event: "issue_comment" });
  expect(attempts.map((attempt) => attempt.statusCode)).toContain(202);
  expect(await storedComments()).toHaveLength(1);
});

test("what nobody acts upon is fetched once, wakes nobody, and its text is not kept", async () => {
  const { control } = stage.github;
  await control.updateApp({ webhookUrl: "http://127.0.0.1:9/down" });
  await control.comment({ repo: REPO, number, login: "wendy", body: "Looks good to me" });
  await control.waitIdle({ timeoutMs: 30_000 });
  const redeliver = redeliverOf();
  expect((await redeliver.look()).fetched).toBeGreaterThanOrEqual(1);
  expect(await redeliver.look()).toEqual({ fetched: 0, asked: 0 });
  expect(woken).toBe(0);
  expect(await storedComments()).toEqual([]);
  expect(door.kept("Looks good to me")).toBe(false);
});

test("what did arrive is not fetched, and what this server does not serve is left alone", async () => {
  await stage.github.control.updateApp({ webhookUrl: door.url });
  await stage.github.control.comment({ repo: REPO, number, login: "wendy", body: "/crabbox status" });
  await stage.github.control.waitIdle({ timeoutMs: 30_000 });
  expect(await storedComments()).toEqual(["/crabbox status"]);
  await commentWhileDown(1);
  expect(await redeliverOf(["umbrella"]).look()).toEqual({ fetched: 0, asked: 0 });
  expect(await storedComments()).toEqual([]);
});

test("a GitHub that fails leaves nothing marked as seen: the next look fetches it", async () => {
  await commentWhileDown(2);
  await stage.github.control.setFaults({
    faults: [{ effect: "secondary", path: "hook/deliveries/", times: 1 }],
  });
  const redeliver = redeliverOf();
  await expect(redeliver.look()).rejects.toMatchObject({ code: "github_limited" });
  await stage.github.control.setFaults({ faults: [] });
  await redeliver.look();
  expect(await storedComments()).toHaveLength(2);
});
