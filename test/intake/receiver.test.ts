import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { createReceiver } from "../../app/intake/receiver.ts";
import { QUIET } from "../github/edge.ts";

test("a failing handler's error carries no payload into the log", async () => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const receive = await createReceiver({
    appId: 1,
    privateKey,
    webhookSecret: "a-secret-of-this-test-only",
    apiUrl: "http://127.0.0.1:9",
    log: QUIET,
    registerHandlers: (probot) =>
      probot.on("issue_comment.created", () => {
        throw new Error("boom");
      }),
  });
  const payload = { action: "created", comment: { body: "private words" } };
  const thrown: unknown = await receive({ id: "one", name: "issue_comment", payload }).catch(
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AggregateError);
  const { errors } = thrown as AggregateError;
  expect(errors).toMatchObject([{ message: "boom" }]);
  for (const error of [thrown, ...errors]) expect(JSON.stringify(error)).not.toContain("private words");
});
