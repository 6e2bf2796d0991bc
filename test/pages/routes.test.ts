import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.write(
    { e: "phase", name: "execute", at: "begin" },
    "one\n\u001b[31mtwo\u001b[0m <b>\n",
    "three\n",
  );
});
afterAll(() => stage.close());

const get = async (path: string): Promise<Response> => fetch(`${stage.url}${path}`);
const json = async (path: string): Promise<unknown> => (await get(path)).json();

describe("every answer behind a log link", () => {
  test.each(["", "/lines", "/search?q=one", "/download", "/lines?from=x", "/nothing"])(
    "%j is never kept, framed, sniffed or told on",
    async (path) => {
      const response = await get(path);
      await response.arrayBuffer();
      if (path === "/nothing") {
        expect(response.status).toBe(404);
        return;
      }
      expect(response.headers.get("cache-control")).toBe("no-store");
      expect(response.headers.get("referrer-policy")).toBe("no-referrer");
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      const policy = response.headers.get("content-security-policy") ?? "";
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
      ]) {
        expect(policy).toContain(part);
      }
      expect(policy).not.toContain("unsafe");
    },
  );

  test("the page has no script or style of its own, and its files may be kept for ever", async () => {
    const page = await (await get("")).text();
    expect(page).not.toMatch(/<style|\son[a-z]+=|<script(?![^>]*\ssrc=)/u);
    const paths = [...page.matchAll(/(?:src|href)="(\.\.\/assets\/[^"]+)"/gu)].map(([, path]) => path ?? "");
    expect(paths).toHaveLength(5);
    for (const path of paths) {
      const asset = await fetch(new URL(path, stage.url));
      expect(asset.status).toBe(200);
      expect(asset.headers.get("cache-control")).toContain("immutable");
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(100);
    }
  });
});

describe("a link that is wrong or expired", () => {
  test.each(["tok_0123456789abcdefghijklmnopqrstuvwxyz-XYZ", "x", "%00", "..%2f..%2fetc", "a".repeat(99)])(
    "%j is a page that says what to do",
    async (token) => {
      const response = await fetch(`${new URL(stage.url).origin}/logs/${token}`);
      expect(response.status).toBe(404);
      expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
      const page = await response.text();
      expect(page).toContain("This log link is not valid, or it has expired.");
      expect(page).toContain("Open the check run on GitHub");
    },
  );

  test("is JSON for the page's own requests", async () => {
    const response = await fetch(`${new URL(stage.url).origin}/logs/${"n".repeat(43)}/lines`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  });
});

describe("lines", () => {
  test("come from anywhere, with their number, time and kind", async () => {
    expect(await json("/lines?from=1&count=2")).toMatchObject({
      total: 4,
      rows: [
        { n: 1, k: "out", s: "one" },
        { n: 2, k: "out", s: "\u001b[31mtwo\u001b[0m <b>" },
      ],
    });
    expect(await json("/lines?from=100")).toEqual({ total: 4, open: null, rows: [] });
  });

  test.each(["from=-1", "from=1e99", "count=0", "count=100000", "attempt=0", "attempt=x"])(
    "%s is refused by name",
    async (query) => {
      const response = await get(`/lines?${query}`);
      expect(response.status).toBe(400);
      const [key] = query.split("=");
      expect(await response.json()).toMatchObject({
        error: { code: "bad_request", message: `The address has a wrong \`${key}\`.` },
      });
    },
  );

  test("of an attempt that is not there are not found", async () => {
    expect((await get("/lines?attempt=9")).status).toBe(404);
  });
});

describe("search and download", () => {
  test("tell the rows, then where they stopped", async () => {
    const lines = (await (await get("/search?q=TWO")).text()).trim().split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([{ hits: [2] }, { next: 4, ended: true }]);
    expect((await get("/search?q=")).status).toBe(400);
    expect((await get(`/search?q=${"x".repeat(201)}`)).status).toBe(400);
  });

  test("give the text, with or without its colours, as a file", async () => {
    const stripped = await get("/download");
    expect(stripped.headers.get("content-disposition")).toBe('attachment; filename="run_00000000000a.log"');
    expect(stripped.headers.get("content-type")).toContain("text/plain");
    expect(await stripped.text()).toBe("one\ntwo <b>\nthree\n");
    expect(await (await get("/download?ansi=keep")).text()).toBe("one\n\u001b[31mtwo\u001b[0m <b>\nthree\n");
  });
});
