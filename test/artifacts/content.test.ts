import { request } from "node:http";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createArtifactLinks } from "../../app/artifacts/links.ts";
import { createContentServer } from "../../app/content-server.ts";
import { contentType } from "../../app/pages/content-type.ts";
import { artifactRoom } from "./room.ts";

let room: Awaited<ReturnType<typeof artifactRoom>>;
let url = "";
let close: () => Promise<void>;
const MINUTE_MS = 60_000;

async function serve(host: string | null) {
  const links = createArtifactLinks({
    clock: room.clock,
    key: Buffer.alloc(32, 7),
    baseUrl: "http://content.test/",
  });
  const server = await createContentServer({
    artifacts: room.artifacts,
    links,
    host,
    log: pino({ level: "silent" }),
    trustedProxies: [],
  });
  url = await server.listen({ host: "127.0.0.1", port: 0 });
  close = () => server.close();
  const run = await room.run();
  for (const name of ["a.txt", "page.html", "picture.svg"]) await room.keep(run, `out/${name}`, name);
  const made = await room.artifacts.ofRun(run.id);
  return {
    run,
    links,
    /** The path of the one of that name. */
    path(name: string) {
      const found = made.find((one) => one.name === `out/${name}`);
      return new URL(links.url({ id: found?.id ?? 0 })).pathname;
    },
  };
}

/** As a browser asks that knows the server by `host`. */
const get = (path: string, host = "content.test", method = "GET") =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const asked = request(`${url}${path}`, { method, headers: { host, cookie: "session=x" } }, (answer) => {
      let body = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => (body += part));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
    });
    asked.on("error", reject);
    asked.end();
  });

beforeEach(async () => {
  room = await artifactRoom();
});
afterEach(async () => {
  await close();
  await room.end();
});

describe("the other origin", () => {
  it("shows plain text, saves what could act, and lets nothing of either be a page", async () => {
    const { path } = await serve("content.test");
    const text = await get(path("a.txt"));
    expect(text).toMatchObject({
      status: 200,
      body: "a.txt",
      headers: {
        "content-type": "text/plain; charset=utf-8",
        "content-length": "5",
        "content-disposition": "inline; filename=\"a.txt\"; filename*=UTF-8''a.txt",
      },
    });
    for (const name of ["page.html", "picture.svg"])
      expect((await get(path(name))).headers).toMatchObject({
        "content-type": "application/octet-stream",
        "content-disposition": expect.stringMatching(/^attachment; /u) as string,
      });
    for (const answer of [text, await get(path("page.html")), await get("/artifacts/1/1.x")]) {
      const { headers } = answer;
      expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*; sandbox;/u);
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["set-cookie"]).toBeUndefined();
    }
  });

  it("serves it under its own name only", async () => {
    const { path } = await serve("content.test");
    expect((await get(path("a.txt"), "crabbox.test")).status).toBe(404);
    expect((await get(path("a.txt"), "content.test:81")).status).toBe(404);
  });

  it("a pass is for one file and some minutes; a changed one, and the file's end, answer the same", async () => {
    const { path, run } = await serve("content.test");
    const own = path("a.txt");
    const [, , id = "", pass = ""] = own.split("/");
    const [until = "", signature = ""] = pass.split(".");
    for (const wrong of [
      `/artifacts/${Number(id) + 1}/${pass}`,
      `/artifacts/${id}/${Number(until) + 1}.${signature}`,
      `/artifacts/${id}/${until}.${signature.slice(0, -2)}AA`,
      `/artifacts/${id}/${until}.`,
      `/artifacts/${id}/${"9".repeat(90)}`,
      `/artifacts/x/${pass}`,
    ])
      expect(await get(wrong)).toMatchObject({
        status: 404,
        body: expect.stringContaining("no such file") as string,
      });
    room.clock.advance(4 * MINUTE_MS);
    expect((await get(own)).status).toBe(200);
    room.clock.advance(2 * MINUTE_MS);
    expect((await get(own)).status).toBe(404);
    const again = path("a.txt");
    expect((await get(again)).status).toBe(200);
    for (const { sha256 } of await room.artifacts.ofRun(run.id)) await room.store.artifacts.forget(sha256);
    expect((await get(again)).status).toBe(404);
    expect((await get(again, "content.test", "POST")).status).toBe(404);
  });
});

describe("without another origin", () => {
  it("everything is saved, whatever it is and whoever asks", async () => {
    const { path } = await serve(null);
    const { status, headers, body } = await get(path("a.txt"), "crabbox.test");
    expect({ status, body }).toEqual({ status: 200, body: "a.txt" });
    expect(headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-disposition": expect.stringMatching(/^attachment; /u) as string,
      "content-security-policy": expect.stringContaining("sandbox") as string,
    });
  });
});

it.each([
  ["a/b.png", "image/png", `inline; filename="b.png"; filename*=UTF-8''b.png`],
  [
    "x.constructor",
    "application/octet-stream",
    `attachment; filename="x.constructor"; filename*=UTF-8''x.constructor`,
  ],
  [
    'q";\u00fc (1).log',
    "text/plain; charset=utf-8",
    `inline; filename="q_____1_.log"; filename*=UTF-8''q%22%3B%C3%BC%20%281%29.log`,
  ],
  [".profile", "application/octet-stream", `attachment; filename="_profile"; filename*=UTF-8''.profile`],
])("%j is answered as %s", async (name, type, disposition) => {
  close = async () => {};
  expect(contentType(name, true)).toEqual({ type, disposition });
});
