import { createHmac, randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { checkNamed } from "./looks.ts";

const LIMIT_BYTES = 25 * 1024 * 1024;

let stage: Stage;
let payload: Record<string, unknown>;
beforeAll(async () => {
  stage = await openStage();
  const { control } = stage.github;
  const id = await stage.comment("no command");
  payload = await until(async () => {
    const all = await control.listDeliveries({ event: "issue_comment", action: "created" });
    const [first] = all;
    return first === undefined ? null : control.deliveryPayload({ deliveryId: first.id });
  }, `the delivery of ${id}`);
});
afterAll(() => stage.close());

type Sent = {
  readonly status: number;
  readonly answer: { readonly code?: string; readonly status?: string };
};

/** As GitHub would send it, unless told otherwise. */
async function send(
  command: string,
  options: { readonly guid?: string; readonly secret?: string; readonly pad?: number } = {},
): Promise<Sent> {
  const comment = { ...(payload["comment"] as object), body: command, created_at: new Date().toISOString() };
  const padding = options.pad === undefined ? {} : { padding: "x".repeat(options.pad) };
  const body = JSON.stringify({ ...payload, comment, ...padding });
  const signature = createHmac("sha256", options.secret ?? stage.github.webhookSecret)
    .update(body)
    .digest("hex");
  const response = await fetch(`${stage.app.url}/api/github/webhooks`, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-delivery": options.guid ?? randomUUID(),
      "x-github-event": "issue_comment",
      "x-hub-signature-256": `sha256=${signature}`,
    },
  });
  return { status: response.status, answer: (await response.json()) as Sent["answer"] };
}

const named = async (part: string) => (await stage.checks()).filter(({ name }) => name.includes(part));

/** What was sent before this has been handled once a later command of the same pull request has run. */
async function handled(): Promise<void> {
  const word = randomUUID().slice(0, 8);
  await stage.comment(`/crabbox run -- echo ${word}`);
  // Its own check, by name: that of an earlier command may be the first to be completed.
  await checkNamed(stage, word, "completed");
}

test("the wrong secret is refused, nothing is stored, nothing runs", async () => {
  const sent = await send("/crabbox run -- echo stranger", { secret: "not the secret at all" });
  expect(sent).toMatchObject({ status: 401, answer: { code: "bad_signature" } });
  await handled();
  expect(await named("stranger")).toEqual([]);
});

test("a body over 25 MB is refused with a clear answer; one just below is taken", async () => {
  const over = await send("/crabbox run -- echo over", { pad: LIMIT_BYTES });
  expect(over).toMatchObject({ status: 413, answer: { code: "too_large" } });
  const below = await send("/crabbox run -- echo below", { pad: LIMIT_BYTES - 100_000 });
  expect(below.status).toBe(202);
  await handled();
  await checkNamed(stage, "echo below", "completed");
  expect(await named("echo over")).toEqual([]);
  expect(await named("echo below")).toHaveLength(1);
});

test("the same delivery again does nothing twice", async () => {
  const { control } = stage.github;
  await stage.comment("/crabbox run -- echo twice");
  await checkNamed(stage, "echo twice", "completed");
  const delivery = (await control.listDeliveries({ event: "issue_comment", action: "created" })).findLast(
    ({ statusCode }) => statusCode === 202,
  );
  if (delivery === undefined) throw new Error("GitHub delivered no comment");
  const before = (await stage.checks()).length;
  await control.redeliver({ guid: delivery.guid });
  await control.waitIdle({});
  const again = (await control.listDeliveries({ event: "issue_comment" })).findLast(
    (one) => one.guid === delivery.guid && one.redelivery,
  );
  expect(JSON.parse(again?.responseBody ?? "{}")).toEqual({ status: "duplicate" });
  await handled();
  expect((await stage.checks()).length).toBe(before + 1);
});

test("the same GUID with another body is a conflict: the first stays what it was", async () => {
  const guid = randomUUID();
  expect((await send("/crabbox run -- echo first body", { guid })).status).toBe(202);
  const other = await send("/crabbox run -- echo other body", { guid });
  expect(other).toMatchObject({ status: 409, answer: { code: "delivery_conflict" } });
  await handled();
  await checkNamed(stage, "first body", "completed");
  expect(await named("first body")).toHaveLength(1);
  expect(await named("other body")).toEqual([]);
});
