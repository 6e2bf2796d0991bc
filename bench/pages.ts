// (f) The pages: what they weigh and when their first paint is, beside the same file by Node's bare HTTP server; and a thousand
// readers of one log, beside the App without any.
import { createServer, get } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Browser } from "playwright-core";
import { HAS_CHROMIUM, launch } from "../test/pages/chromium.ts";
import { openStage, REPO, WRITER } from "../test/servers/stage.ts";
import type { Stage } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";
import { browse, logIn } from "../test/login/journey.ts";
import type { Browser as Reader } from "../test/login/journey.ts";
import { residentMib } from "./processes.ts";
import { ms, percentile, report } from "./report.ts";

const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 10);
const READERS = 1_000;
const LINES = 20;
const KIB = 1_024;

const stage = await openStage({ login: true });
try {
  const reader = browse(stage.app.url);
  await logIn(reader, stage.github, WRITER);
  const check = await stage.run("/crabbox run -- seq 2000");
  const run = new URL(check.detailsUrl ?? "").pathname;
  await weigh(reader, { home: "/", "pull request": `/repos/${REPO}/pull/${stage.pull}`, run });
  await manyReaders(stage, reader);
} finally {
  await stage.close();
}

async function weigh(reader: Reader, paths: Readonly<Record<string, string>>): Promise<void> {
  const browser = HAS_CHROMIUM ? await launch() : null;
  try {
    for (const [name, path] of Object.entries(paths)) {
      const html = await (await reader.get(path)).text();
      const files = [...html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/gu)].map(([, file]) => file ?? "");
      const bodies = await Promise.all(files.map(async (file) => (await reader.get(file)).arrayBuffer()));
      const whole = bodies.reduce((sum, { byteLength }) => sum + byteLength, html.length);
      const paints = browser === null ? null : await bothPaints(browser, reader, path, html);
      report({
        what: `${name} page, ${(html.length / KIB).toFixed(0)} KiB, ${(whole / KIB).toFixed(0)} KiB with what it loads first; first paint, p50 of ${ROUNDS}`,
        ours: paints === null ? "no Chromium" : ms(percentile(paints.ours, 0.5)),
        beside: paints === null ? "" : `${ms(percentile(paints.bare, 0.5))} the same HTML by node:http`,
        ratio: paints === null ? null : percentile(paints.ours, 0.5) / percentile(paints.bare, 0.5),
        target: null,
      });
    }
  } finally {
    await browser?.close();
  }
}

/** First paints in milliseconds, each in a browser that has kept nothing. */
async function bothPaints(browser: Browser, reader: Reader, path: string, html: string) {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bareUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ours: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ours.push(await firstPaint(browser, `${stage.app.url}${path}`, reader));
    bare.push(await firstPaint(browser, bareUrl, null));
  }
  server.closeAllConnections();
  server.close();
  return { ours, bare };
}

async function firstPaint(browser: Browser, url: string, reader: Reader | null): Promise<number> {
  const context = await browser.newContext();
  if (reader !== null) await context.setExtraHTTPHeaders({ cookie: cookieOf(reader) });
  const page = await context.newPage();
  await page.goto(url);
  const painted = await until(async () => {
    const at = await page.evaluate<number>(
      `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`,
    );
    return at > 0 ? at : undefined;
  }, "the first paint");
  await context.close();
  return painted;
}

/** Lag is from a line's own time, as the command told it, to its arrival at a reader. */
async function manyReaders(on: Stage, reader: Reader): Promise<void> {
  await on.comment(`/crabbox run -- sleep 8; for i in $(seq ${LINES}); do date +%s%3N; sleep 0.3; done`);
  const check = await until(
    async () => (await on.checks()).find(({ status }) => status !== "completed"),
    "the run",
  );
  const stream = `${check.detailsUrl}/log/stream`;
  const before = residentMib([on.app.pid()]);
  const lags: number[] = [];
  const headers = { cookie: cookieOf(reader) };
  const ends = Array.from({ length: READERS }, () => listen(stream, headers, lags));
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, residentMib([on.app.pid()]))), 250);
  await Promise.all(ends);
  clearInterval(watch);
  const alone: number[] = [];
  await on.comment(`/crabbox run -- sleep 3; for i in $(seq ${LINES}); do date +%s%3N; sleep 0.3; done`);
  const next = await until(
    async () => (await on.checks()).find(({ status }) => status !== "completed"),
    "the second run",
  );
  await listen(`${next.detailsUrl}/log/stream`, headers, alone);
  for (const share of [0.5, 0.99])
    report({
      what: `a line to each of ${READERS} readers of one log, p${share * 100}; ${(most - before).toFixed(0)} MiB more of the App's memory`,
      ours: ms(percentile(lags, share)),
      beside: `${ms(percentile(alone, share))} one reader`,
      ratio: percentile(lags, share) / percentile(alone, share),
      target: null,
    });
}

function listen(url: string, headers: Readonly<Record<string, string>>, lags: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response: IncomingMessage) => {
      if (response.statusCode !== 200) reject(new Error(`a reader got ${response.statusCode}`));
      response.setEncoding("utf8");
      response.on("data", (text: string) => {
        const now = Date.now();
        for (const [, at] of text.matchAll(/"k":"out","s":"(\d{13})"/gu)) lags.push(now - Number(at));
      });
      response.on("end", resolve);
      response.on("error", reject);
    }).on("error", reject);
  });
}

function cookieOf({ cookies }: Reader): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
}
