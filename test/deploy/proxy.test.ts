import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { FileSettings } from "../../app/settings-file.ts";
import { openStage, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ start: false });
});
afterAll(() => stage.close());

test("the log tells the address that a trusted proxy names, and nobody else's word", async () => {
  await startTrusting([]);
  await knock("203.0.113.7");
  await until(() => stage.app.log().includes('"from":"127.0.0.1"'), "the peer's own address");
  expect(stage.app.log()).not.toContain("203.0.113.7");
  await stage.app.end("SIGTERM");

  await startTrusting(["loopback"]);
  await knock("203.0.113.7");
  await until(() => stage.app.log().includes('"from":"203.0.113.7"'), "the address the proxy names");
  // What counts is the last word, the proxy's; what came before is the client's own invention.
  await knock("198.51.100.1, 203.0.113.8");
  await until(() => stage.app.log().includes('"from":"203.0.113.8"'), "the proxy's own word");
  expect(stage.app.log()).not.toContain("198.51.100.1");
  const metrics = await fetch(`${stage.app.url}/metrics`, { headers: { "x-forwarded-for": "127.0.0.1" } });
  expect(metrics.status).toBe(403);
});

test.each(["10.0.0.0/8", "::1", "fd00::/8", "192.0.2.1", "uniquelocal"])("%s may be trusted", (proxy) => {
  expect(settingsWith(proxy).success).toBe(true);
});

test.each(["10.0.0.0/33", "10.0.0/8", "all", "", "10.0.0.0/8/8", "proxy.example.com"])(
  "%s may not",
  (proxy) => {
    expect(settingsWith(proxy).success).toBe(false);
  },
);

const settingsWith = (proxy: string) =>
  FileSettings.safeParse({ accounts: ["acme"], providers: [], listen: { trustedProxies: [proxy] } });

async function startTrusting(trustedProxies: readonly string[]): Promise<void> {
  const file = join(stage.dir, "app.yml");
  const settings = parse(readFileSync(file, "utf8")) as { listen: object };
  writeFileSync(file, stringify({ ...settings, listen: { ...settings.listen, trustedProxies } }));
  expect(await stage.app.start(), stage.app.log()).toBe("ready");
}

/** A delivery nobody signed. */
async function knock(forwardedFor: string): Promise<void> {
  const answer = await fetch(`${stage.app.url}/api/github/webhooks`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": forwardedFor },
    body: "{}",
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
}
