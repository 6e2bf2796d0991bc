import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { REPO, openPull, openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const SECRET = "a webhook secret of the tests";
let stage: Stage;
let receiver: Receiver;
let number = 0;

beforeAll(async () => {
  receiver = await openReceiver(SECRET);
  stage = await openStage({ webhookUrl: receiver.url, webhookSecret: SECRET });
  ({ number } = await openPull(stage));
  await stage.github.control.waitIdle({});
  receiver.received.splice(0);
});

afterEach(async () => {
  receiver.answer(202);
  await stage.github.control.setDeliveryFaults({ faults: [] });
  await stage.github.control.waitIdle({});
  receiver.received.splice(0);
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  await receiver.stop();
  expect(violations).toEqual([]);
});

const say = (body: string) => stage.github.control.comment({ repo: REPO, number, login: "wendy", body });
const bodies = (): string[] =>
  receiver.received.map((one) => (one.payload["comment"] as { body: string }).body);

test("a failed delivery is not sent again by itself; the App can ask for it, and the GUID stays", async () => {
  receiver.answer(500);
  await say("lost");
  const lost = await receiver.waitFor((one) => one.event === "issue_comment");
  await stage.github.control.waitIdle({});
  receiver.answer(202);
  const { data: failed } = await stage.app.request("GET /app/hook/deliveries", {
    per_page: 1,
    status: "failure",
  });
  expect(failed[0]).toMatchObject({
    guid: lost.guid,
    status_code: 500,
    redelivery: false,
    event: "issue_comment",
  });
  expect(receiver.received.length).toBe(1);
  const delivery_id = Number(failed[0]?.id);
  const { data: one } = await stage.app.rest.apps.getWebhookDelivery({ delivery_id });
  expect(one.request.payload).toEqual(lost.payload);
  await stage.app.rest.apps.redeliverWebhookDelivery({ delivery_id });
  await receiver.waitFor((again) => again !== lost && again.guid === lost.guid && again.verified);
  await stage.github.control.waitIdle({});
  const { data: after } = await stage.app.request("GET /app/hook/deliveries", { per_page: 1 });
  expect(after[0]).toMatchObject({ guid: lost.guid, status: "OK", redelivery: true });
});

test("deliveries are listed newest first, page by page", async () => {
  for (const n of [1, 2, 3, 4, 5]) await say(`page ${n}`);
  await stage.github.control.waitIdle({});
  const all = await stage.github.control.listDeliveries({});
  const seen: number[] = [];
  for await (const page of stage.app.paginate.iterator("GET /app/hook/deliveries", { per_page: 2 })) {
    seen.push(...page.data.map(idOf));
  }
  const expected = all.map((row) => row.id).sort((a, b) => b - a);
  expect(seen).toEqual(expected);
});

test("an App that is away or silent: 502, or 504 after the time is up", async () => {
  const { control } = stage.github;
  await control.settings({ deliveryTimeoutMs: 200 });
  receiver.answer(0);
  await say("silence");
  await control.waitIdle({});
  await control.updateApp({ webhookUrl: "http://127.0.0.1:1/" });
  await say("nobody");
  await control.waitIdle({});
  const [silent, away] = await control.listDeliveries({ event: "issue_comment", limit: 2 });
  expect([silent?.statusCode, away?.statusCode]).toEqual([504, 502]);
  await control.settings({ deliveryTimeoutMs: 10_000 });
  await control.updateApp({ webhookUrl: receiver.url });
});

test("duplicate, late, dropped, reordered", async () => {
  const { control } = stage.github;
  await control.setDeliveryFaults({
    faults: [{ effect: "duplicate", event: "issue_comment", nth: 2, times: 1 }],
  });
  for (const body of ["a", "b", "c"]) await say(body);
  await control.waitIdle({});
  expect(bodies().sort()).toEqual(["a", "b", "b", "c"]);
  expect(new Set(receiver.received.map((one) => one.guid)).size).toBe(3);
  receiver.received.splice(0);

  await control.setDeliveryFaults({ faults: [{ effect: "late", ms: 300, times: 1 }] });
  await say("late");
  await say("early");
  await control.waitIdle({});
  expect(bodies()).toEqual(["early", "late"]);
  receiver.received.splice(0);

  await control.setDeliveryFaults({ faults: [{ effect: "drop", times: 1 }] });
  await say("dropped");
  await say("kept");
  await control.waitIdle({});
  expect(bodies()).toEqual(["kept"]);
  receiver.received.splice(0);

  await control.settings({ deliveryConcurrency: 1 });
  await control.setDeliveryFaults({ faults: [{ effect: "reorder", window: 3 }] });
  for (const body of ["1", "2", "3"]) await say(body);
  await control.waitIdle({});
  expect(bodies()).toEqual(["3", "2", "1"]);
  await control.settings({ deliveryConcurrency: 50 });
});

test("thousands by hand, some badly signed or not at all", async () => {
  const { control } = stage.github;
  const signature = (n: number) => (n % 10 === 0 ? "bad" : n % 10 === 1 ? "missing" : "good");
  const deliveries = Array.from({ length: 1_000 }, (_, n) => {
    return { event: "issue_comment", payload: { action: "created", n }, signature: signature(n) } as const;
  });
  const { guids } = await control.sendDeliveries({ deliveries });
  expect(await control.waitIdle({})).toEqual({ idle: true, open: 0 });
  expect(new Set(receiver.received.map((one) => one.guid))).toEqual(new Set(guids));
  expect(receiver.received.filter((one) => one.verified).length).toBe(800);
  const stats = await control.deliveryStats({});
  expect(stats.byStatusCode["202"]).toBeGreaterThanOrEqual(1_000);
  expect(stats.p99Ms).toBeGreaterThanOrEqual(stats.p50Ms);
});

/** Octokit's types allow ids beyond what a number holds; GitHub's own do not get there. */
function idOf(row: { id: number | bigint }): number {
  return Number(row.id);
}
