import { generateKeyPairSync } from "node:crypto";
import { Writable } from "node:stream";
import fastify from "fastify";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { healthRoutes } from "../../app/api/health.ts";
import { createSystemClock } from "../../app/clock.ts";
import { createStanding } from "../../app/github/standing.ts";
import { clientOf, openEdge, QUIET } from "./edge.ts";
import type { Edge } from "./edge.ts";

let edge: Edge;
beforeAll(async () => {
  edge = await openEdge();
});
afterAll(() => edge.stop());
beforeEach(() => edge.stage.github.control.setFaults({ faults: [] }));

/** A client of its own with what it logs, and `/readyz` over it. */
function standingStage(options: Parameters<typeof clientOf>[1] = {}) {
  const said: string[] = [];
  const target = new Writable({
    write(chunk, _encoding, done) {
      said.push((JSON.parse(String(chunk)) as { msg: string }).msg);
      done();
    },
  });
  const github = clientOf(edge.stage, { log: pino(target), ...options });
  const server = fastify();
  healthRoutes(server, {
    store: { healthy: async () => true },
    github: github.standing,
    draining: () => false,
    metrics: new Registry(),
  });
  const ready = async () => (await server.inject("/readyz")).json<{ ready: boolean; why?: string }>();
  const tokenOf = () => github.tokens.mintContentsRead(edge.stage.installationId, 1).catch(() => null);
  return { said, github, ready, tokenOf };
}

test("refused credentials make the App unready, said once", async () => {
  const { privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const { said, ready, tokenOf } = standingStage({ privateKey });
  await tokenOf();
  expect(await ready()).toEqual({ ready: true });
  await tokenOf();
  await tokenOf();
  expect(await ready()).toEqual({ ready: false, why: "GitHub refuses the App's credentials" });
  expect(said).toEqual(["GitHub refuses the App's credentials"]);
});

test("one answer with the App's credentials ends the refusal; answers to others say nothing", () => {
  const standing = createStanding({ clock: createSystemClock(), log: QUIET });
  standing.seen({ as: "app", outcome: "unauthorized" });
  standing.seen({ as: "app", outcome: "ok" });
  standing.seen({ as: "app", outcome: "unauthorized" });
  expect(standing.credentialsRefused()).toBe(false);
  standing.seen({ as: "app", outcome: "unauthorized" });
  standing.seen({ as: "installation", outcome: "ok" });
  standing.seen({ as: "app", outcome: "gone" });
  expect(standing.credentialsRefused()).toBe(true);
  standing.seen({ as: "app", outcome: "ok" });
  expect(standing.credentialsRefused()).toBe(false);
});

test("a token of a box that was revoked says nothing about the App", async () => {
  const { ready, github } = standingStage();
  for (let n = 0; n < 3; n += 1) await github.tokens.revoke("ghs_nobody_knows_it");
  expect(await ready()).toEqual({ ready: true });
});

test("a GitHub that does not answer leaves the App ready; when it begins and when it ends is said once", async () => {
  let now = 1_800_000_000_000;
  const clock = { now: () => now, sleep: async (ms: number) => void (now += ms) };
  const { said, ready, github, tokenOf } = standingStage({ clock });
  await edge.stage.github.control.setFaults({ faults: [{ effect: "server-error", times: 0 }] });
  await tokenOf();
  expect(said).toEqual([]);
  now += 60_000;
  await tokenOf();
  await tokenOf();
  expect(github.standing.unansweredMs()).toBeGreaterThan(60_000);
  expect(await ready()).toEqual({ ready: true });
  await edge.stage.github.control.setFaults({ faults: [] });
  await tokenOf();
  expect(github.standing.unansweredMs()).toBe(0);
  expect(said).toEqual(["GitHub does not answer", "GitHub answers again"]);
});
