import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openFixture, type Fixture } from "./fixture.ts";

const CLAIM_MS = 60_000;
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

const put = (guid: string, body = `body of ${guid}`) =>
  fixture.store.deliveries.put({
    guid,
    event: "issue_comment",
    action: "created",
    installationId: 101,
    body: Buffer.from(body),
  });
const claimed = async (limit = 100) =>
  (await fixture.store.deliveries.claim(limit, CLAIM_MS)).map((delivery) => delivery.guid);

describe("putting a delivery", () => {
  it("is stored once; the same again is a duplicate, other bytes a conflict", async () => {
    expect(await put("a")).toBe("stored");
    expect(await put("a")).toBe("duplicate");
    expect(await put("a", "other")).toBe("conflict");
    const [delivery] = await fixture.store.deliveries.claim(1, CLAIM_MS);
    expect(delivery).toEqual({
      guid: "a",
      event: "issue_comment",
      action: "created",
      installationId: 101,
      body: Buffer.from("body of a"),
      tries: 1,
      receivedAt: fixture.clock.now(),
    });
  });

  it("is decided alike when all come at once", async () => {
    const results = await Promise.all(
      Array.from({ length: 600 }, (_, n) => put(`g${n % 200}`, n < 400 ? "same" : "other")),
    );
    expect(results.slice(0, 200)).toEqual(Array.from({ length: 200 }, () => "stored"));
    expect(results.slice(200, 400)).toEqual(Array.from({ length: 200 }, () => "duplicate"));
    expect(results.slice(400)).toEqual(Array.from({ length: 200 }, () => "conflict"));
    expect(await fixture.store.deliveries.counts()).toEqual({ stored: 200, done: 0, dead: 0 });
    expect(await claimed(1_000)).toEqual(Array.from({ length: 200 }, (_, n) => `g${n}`));
  });

  it("comes alone after a burst: nobody waits for a second one", async () => {
    for (const burst of ["a", "b"])
      await Promise.all(Array.from({ length: 100 }, (_, n) => put(`${burst}${n}`)));
    for (const guid of ["one", "two", "three"]) expect(await put(guid)).toBe("stored");
  });

  it("keeps of one that nobody wants the GUID and a checksum, beside others in one batch", async () => {
    const unwanted = (guid: string, body: string) =>
      fixture.store.deliveries.put({
        guid,
        event: "push",
        action: null,
        installationId: 101,
        body: Buffer.from(body),
        unwanted: true,
      });
    const both = [put("kept"), unwanted("u", "a private comment"), put("kept too")];
    expect(await Promise.all(both)).toEqual(["stored", "stored", "stored"]);
    expect(await fixture.store.deliveries.counts()).toEqual({ stored: 2, done: 1, dead: 0 });
    const written = [fixture.path, `${fixture.path}-wal`]
      .map((file) => readFileSync(file, "latin1"))
      .join("");
    expect(written).toContain("body of kept");
    expect(written).not.toContain("a private comment");
    expect(await unwanted("u", "a private comment")).toBe("duplicate");
    expect(await put("u", "a private comment")).toBe("duplicate");
    expect(await unwanted("u", "another comment")).toBe("conflict");
    expect(await put("u", "another comment")).toBe("conflict");
    const claimedNow = await fixture.store.deliveries.claim(10, CLAIM_MS);
    expect(claimedNow.map(({ guid, body }) => [guid, body.toString()])).toEqual([
      ["kept", "body of kept"],
      ["kept too", "body of kept too"],
    ]);
  });

  it("keeps bytes as they are, also large and none", async () => {
    const bodies = [Buffer.alloc(0), Buffer.from([0, 255, 10, 0]), Buffer.alloc(5_000_000, 7)];
    for (const [n, body] of bodies.entries()) {
      const delivery = { guid: `b${n}`, event: "push", action: null, installationId: null, body };
      expect(await fixture.store.deliveries.put(delivery)).toBe("stored");
    }
    const back = await fixture.store.deliveries.claim(3, CLAIM_MS);
    expect(back.map(({ body }, n) => bodies[n]?.equals(body))).toEqual([true, true, true]);
  });
});

describe("working through deliveries", () => {
  it("hands each out once until it is done, its claim runs out, or another process opens", async () => {
    await put("a");
    await put("b");
    expect(await claimed(1)).toEqual(["a"]);
    expect(await claimed()).toEqual(["b"]);
    expect(await claimed()).toEqual([]);
    await fixture.store.deliveries.done("a");
    await fixture.store.deliveries.done("a");
    fixture.clock.advance(CLAIM_MS);
    expect(await fixture.store.deliveries.claim(10, CLAIM_MS)).toMatchObject([{ guid: "b", tries: 2 }]);
    const next = await fixture.again();
    expect(await next.deliveries.claim(10, CLAIM_MS)).toMatchObject([{ guid: "b", tries: 3 }]);
    expect(await next.deliveries.counts()).toEqual({ stored: 1, done: 1, dead: 0 });
  });

  it("tries a failed one again at its time, and keeps a dead one until it is revived", async () => {
    const { deliveries } = fixture.store;
    await put("a");
    await claimed();
    await deliveries.failed("a", "GitHub said 500", fixture.clock.now() + 1_000);
    expect(await claimed()).toEqual([]);
    fixture.clock.advance(1_000);
    expect(await claimed()).toEqual(["a"]);
    await deliveries.failed("a", "x".repeat(10_000), null);
    const [letter] = await deliveries.dead();
    expect(letter).toMatchObject({ guid: "a", event: "issue_comment", tries: 2 });
    expect(letter?.error).toHaveLength(2_000);
    expect(await claimed()).toEqual([]);
    expect(await deliveries.revive("b")).toBe(false);
    expect(await deliveries.revive("a")).toBe(true);
    expect(await deliveries.revive("a")).toBe(false);
    expect(await deliveries.dead()).toEqual([]);
    expect(await deliveries.claim(10, CLAIM_MS)).toMatchObject([{ guid: "a", tries: 1 }]);
    const events = await fixture.store.events.of("delivery", "a", 10);
    expect(events.map((event) => event.type)).toEqual(["dead", "stored"]);
  });

  it("knows GUIDs, however many are asked", async () => {
    await Promise.all([put("a"), put("b")]);
    const asked = ["a", "b", ...Array.from({ length: 1_200 }, (_, n) => `none-${n}`)];
    expect(await fixture.store.deliveries.known(asked)).toEqual(new Set(["a", "b"]));
    expect(await fixture.store.deliveries.known([])).toEqual(new Set());
  });
});

describe("retention", () => {
  it("lets go of bodies, not of GUIDs, and of nothing that still waits", async () => {
    const { store, clock } = fixture;
    for (const guid of ["done", "dead", "waiting"]) await put(guid);
    await claimed();
    await store.deliveries.done("done");
    await store.deliveries.failed("dead", "no", null);
    await store.answers.put({ key: "k", repositoryId: 11, pullRequest: 7, actor: "octo", body: "hi" });
    const before = (at: number) => ({
      deliveryBodies: at,
      deliveries: 0,
      events: at,
      answers: at,
      checks: 0,
    });
    const none = {
      delivery: 0,
      delivery_row: 0,
      event: 0,
      answer: 0,
      outside_call: 0,
      attempt_task: 0,
      annotations: 0,
      log_link: 0,
    };
    expect(await store.sweep(before(clock.now()))).toEqual(none);
    clock.advance(1_000);
    const now = before(clock.now());
    expect(await store.sweep(now)).toEqual({ ...none, delivery: 2, event: 2, answer: 1 });
    expect(await store.sweep(now)).toEqual(none);
    expect(await put("done")).toBe("duplicate");
    await expect(store.deliveries.revive("dead")).rejects.toMatchObject({ code: "not_found" });
    expect(await store.deliveries.dead()).toMatchObject([{ guid: "dead" }]);
    clock.advance(CLAIM_MS);
    expect(await claimed()).toEqual(["waiting"]);
    expect(await store.sweep({ ...now, deliveries: clock.now() })).toEqual({ ...none, delivery_row: 2 });
    expect(await store.deliveries.known(["done", "dead", "waiting"])).toEqual(new Set(["waiting"]));
  });
});
