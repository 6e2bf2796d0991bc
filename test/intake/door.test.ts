import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openDoor, payload, post, sign } from "./stage.ts";
import type { Door } from "./stage.ts";

const GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
const MEBIBYTE = 1024 * 1024;

let door: Door;
beforeEach(async () => {
  door = await openDoor();
});
afterEach(() => door.stop());

const stored = () => door.store.deliveries.claim(100, 1_000);
const codeOf = async (response: Response) => ((await response.json()) as { code?: string }).code;

describe("good deliveries", () => {
  test("are stored byte for byte before they are answered, and wake the worker", async () => {
    const body = payload({ text: "naïve — 🦀 \u202e" });
    const response = await post(door.url, body, { guid: GUID });
    expect([response.status, await response.json()]).toEqual([202, { status: "stored" }]);
    const [delivery] = await stored();
    expect(delivery).toMatchObject({
      guid: GUID,
      event: "issue_comment",
      action: "created",
      installationId: 70,
    });
    expect(delivery?.body.toString("utf8")).toBe(body);
    expect(door.woken()).toBe(1);
  });

  test("the same GUID again does nothing twice", async () => {
    const responses = await Promise.all([1, 2, 3].map(() => post(door.url, payload(), { guid: GUID })));
    expect(responses.map((response) => response.status)).toEqual([202, 202, 202]);
    expect(await stored()).toHaveLength(1);
    expect(door.woken()).toBe(1);
  });

  test.each([
    ["an event nobody handles", "something_new", "/crabbox run -- "],
    ["a comment without a command", "issue_comment", "Fine: "],
  ])("%s is known again, wakes nobody, and its text is not kept", async (_name, event, begin) => {
    const send = (text: string) => post(door.url, payload({ remark: begin + text }), { guid: GUID, event });
    const answers = [await send("a private word"), await send("a private word"), await send("another")];
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 409]);
    expect(await answers[1]?.json()).toEqual({ status: "duplicate" });
    expect([await stored(), door.woken(), door.kept("a private word")]).toEqual([[], 0, false]);
    await post(door.url, payload({ text: "kept until it is handled" }));
    expect([door.woken(), door.kept("kept until it is handled")]).toEqual([1, true]);
  });

  test("24 MB are fine", async () => {
    const response = await post(door.url, payload({ text: "x".repeat(24 * MEBIBYTE) }));
    expect(response.status).toBe(202);
  });
});

describe("refused", () => {
  test("the same GUID with another body is a conflict, and said so in the log", async () => {
    await post(door.url, payload(), { guid: GUID });
    const response = await post(door.url, payload({ text: "other" }), { guid: GUID });
    expect(response.status).toBe(409);
    expect(await stored()).toHaveLength(1);
    expect(door.lines).toContainEqual(expect.objectContaining({ code: "delivery_conflict", guid: GUID }));
  });

  test.each([
    ["another secret", { secret: "wrong" }],
    [
      "a signature of nothing",
      { headers: { "x-hub-signature-256": sign("", "a-secret-of-this-test-only") } },
    ],
    ["no signature", { headers: { "x-hub-signature-256": undefined } }],
    ["an old SHA-1 signature", { headers: { "x-hub-signature-256": "sha1=abc" } }],
  ])("%s: 401, one line without the payload", async (_name, options) => {
    const response = await post(door.url, payload({ text: "SECRETTEXT" }), options);
    expect([response.status, await codeOf(response)]).toEqual([401, "bad_signature"]);
    expect(await stored()).toEqual([]);
    expect(door.lines).toHaveLength(1);
    expect(JSON.stringify(door.lines)).not.toContain("SECRETTEXT");
  });

  test("a flood of bad signatures does not flood the log", async () => {
    for (let n = 0; n < 60; n += 1) await post(door.url, payload(), { secret: "wrong" });
    expect(door.lines.length).toBeLessThanOrEqual(20);
  });

  test.each([
    ["no JSON", "{not json", {}],
    ["JSON of another form", "[1,2]", {}],
    ["no GUID", "{}", { headers: { "x-github-delivery": undefined } }],
    ["a GUID that is a path", "{}", { guid: "../../etc" }],
    ["no event", "{}", { headers: { "x-github-event": undefined } }],
    ["form encoding", "payload=%7B%7D", { headers: { "content-type": "application/x-www-form-urlencoded" } }],
  ])("%s: 400", async (_name, body, options) => {
    const response = await post(door.url, body, options);
    expect([response.status, await codeOf(response)]).toEqual([400, "bad_request"]);
    expect(await stored()).toEqual([]);
  });

  test("invalid UTF-8, well signed, is refused rather than changed", async () => {
    const body = Buffer.concat([Buffer.from('{"action":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect((await post(door.url, body)).status).toBe(401);
  });

  test("a body over 25 MB: 413 from its announced length alone", async () => {
    const socket = connect(Number(new URL(door.url).port), "127.0.0.1");
    await once(socket, "connect");
    socket.write(
      [
        `POST ${new URL(door.url).pathname} HTTP/1.1`,
        "host: x",
        "content-type: application/json",
        `content-length: ${26 * MEBIBYTE}`,
        `x-github-delivery: ${GUID}`,
        "x-github-event: push",
        `x-hub-signature-256: ${sign("x", "x")}`,
        "",
        "{",
      ].join("\r\n"),
    );
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("a body without a length is cut off at 25 MB", async () => {
    const block = Buffer.alloc(MEBIBYTE, "x");
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        if (sent > 40) controller.close();
        else controller.enqueue(block);
      },
    });
    const request = {
      method: "POST",
      body: endless,
      duplex: "half",
      headers: {
        "content-type": "application/json",
        "x-github-delivery": GUID,
        "x-github-event": "push",
        "x-hub-signature-256": sign("x", "x"),
      },
    } as RequestInit;
    const status = await fetch(door.url, request).then(
      (response) => response.status,
      // The door may close the connection while we still send.
      () => 413,
    );
    expect(status).toBe(413);
    expect(await stored()).toEqual([]);
    expect((await post(door.url, payload())).status).toBe(202);
  });
});

describe("not ours", () => {
  test("other accounts are answered and dropped, said once", async () => {
    for (let n = 0; n < 3; n += 1) {
      const response = await post(door.url, payload({ account: "Mallory" }));
      expect([response.status, await response.json()]).toEqual([202, { status: "ignored" }]);
    }
    expect(await stored()).toEqual([]);
    expect(door.lines).toEqual([expect.objectContaining({ account: "mallory" })]);
  });

  test("while draining nothing is taken", async () => {
    door.drain();
    const response = await post(door.url, payload());
    expect([response.status, await codeOf(response)]).toEqual([503, "draining"]);
  });
});
