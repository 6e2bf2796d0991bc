import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const FILE = join(import.meta.dirname, "..", "..", "deploy", "Caddyfile");
const HAS_CADDY = spawnSync("caddy", ["version"]).status === 0;

type Json = z.infer<ReturnType<typeof z.json>>;
const Adapted = z.looseObject({
  apps: z.looseObject({
    http: z.looseObject({
      servers: z.strictObject({
        srv0: z.looseObject({
          routes: z.tuple([
            z.looseObject({ match: z.tuple([z.looseObject({ host: z.array(z.string()) })]) }),
          ]),
        }),
      }),
    }),
    tls: z.json(),
  }),
});

/** What Caddy itself makes of the file. */
function adapt(env: Readonly<Record<string, string>>) {
  const { status, stdout, stderr } = spawnSync("caddy", ["adapt", "--config", FILE], {
    encoding: "utf8",
    env: { PATH: process.env["PATH"], CRABBOX_HOST: "crabbox.example.com", ...env },
  });
  expect(status, stderr).toBe(0);
  const { http, tls } = Adapted.parse(JSON.parse(stdout)).apps;
  const [site] = http.servers.srv0.routes;
  return { hosts: site.match[0].host, ways: waysIn(site as Json), tls: JSON.stringify(tls) };
}

/** Every matched route that leads somewhere, as `CONDITION -> WHERE`. */
function waysIn(json: Json): readonly string[] {
  if (Array.isArray(json)) return json.flatMap(waysIn);
  if (typeof json !== "object" || json === null) return [];
  const inner = Object.values(json).flatMap(waysIn);
  const dial = json["upstreams"] ?? json["status_code"];
  if (dial !== undefined) return [JSON.stringify(dial)];
  return json["match"] === undefined
    ? inner
    : inner.map((way) => `${JSON.stringify(json["match"])} -> ${way}`);
}

describe.skipIf(!HAS_CADDY)(`the Caddyfile${HAS_CADDY ? "" : " (skipped: no caddy is here)"}`, () => {
  test.each([{}, { CRABBOX_CONTENT_HOST: "" }])("serves one name without a second: %j", (env) => {
    const { hosts, tls } = adapt(env);
    expect(hosts).toEqual(["crabbox.example.com"]);
    expect(tls).not.toMatch(/content|invalid/u);
  });

  test("leads a second name to the other listener, whatever the path, and nothing else there", () => {
    const { hosts, ways, tls } = adapt({ CRABBOX_CONTENT_HOST: "content.example.net" });
    expect(hosts).toEqual(["crabbox.example.com", "content.example.net"]);
    expect(tls).toContain("content.example.net");
    const inside = ways.map((way) => way.slice(way.indexOf("->") + 3));
    expect(inside).toEqual([
      '[{"host":["nobody.invalid","content.example.net"]}] -> [{"dial":"app:3001"}]',
      '[{"path":["/metrics","/metrics/*"]}] -> 404',
      '[{"dial":"app:3000"}]',
    ]);
  });
});
