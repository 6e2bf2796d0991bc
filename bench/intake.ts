// (c) Deliveries a second through the App, which stores each durably before it answers, beside Probot's own middleware, which verifies
// and keeps nothing. Both stay up; rounds alternate, so that a busy machine is busy for both.
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { promisify } from "node:util";
import { openStage } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";
import { ms, percentile, report } from "./report.ts";

const ROUNDS = 4;
const DELIVERIES = 3_000;
const WARM_UP = 1_000;
const CONNECTIONS = 50;
/** Throughput of at least 0.8x is time of at most 1.25x. */
const TARGET = 1 / 0.8;
const SETTLE_MS = 300_000;

type Round = { readonly tookMs: number; readonly times: readonly number[] };

const run = promisify(execFile);
const stage = await openStage();
const { github, app } = stage;
const bare = spawn(process.execPath, [join(import.meta.dirname, "intake-bare.ts")], {
  stdio: ["pipe", "pipe", "inherit"],
  env: {
    PATH: process.env["PATH"],
    APP_ID: String(github.appId),
    PRIVATE_KEY: github.privateKeyPem,
    WEBHOOK_SECRET: github.webhookSecret,
    NODE_ENV: "production",
  },
});
try {
  const bareUrl = await new Promise<string>((resolve, reject) => {
    createInterface({ input: bare.stdout }).once("line", resolve);
    bare.once("exit", () => reject(new Error("bare Probot did not start")));
  });
  for (const url of [app.url, bareUrl]) await load(url, WARM_UP);
  const ours: Round[] = [];
  const beside: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await handled(WARM_UP + round * DELIVERIES);
    beside.push(await load(bareUrl, DELIVERIES));
    ours.push(await load(app.url, DELIVERIES));
  }
  await handled(WARM_UP + ROUNDS * DELIVERIES);
  const perSecond = (rounds: readonly Round[]) =>
    (rounds.length * DELIVERIES * 1_000) / rounds.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const said = (rounds: readonly Round[]) => {
    const times = rounds.flatMap((one) => one.times);
    return `${perSecond(rounds).toFixed(0)}/s, p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}`;
  };
  const ratio = perSecond(ours) / perSecond(beside);
  report({
    what: "intake, stored, beside bare Probot (throughput)",
    ours: said(ours),
    beside: said(beside),
    ratio,
    target: ">= 0.8x",
    isMet: ratio >= 1 / TARGET,
  });
} finally {
  bare.stdin.end();
  await stage.close();
}

async function load(url: string, count: number): Promise<Round> {
  const { stdout } = await run(
    process.execPath,
    [
      join(import.meta.dirname, "intake-loader.ts"),
      `${url}/api/github/webhooks`,
      github.webhookSecret,
      String(count),
      String(CONNECTIONS),
    ],
    { maxBuffer: 16 * 1024 * 1024 },
  );
  const result = JSON.parse(stdout) as Round & { readonly statuses: Readonly<Record<string, number>> };
  const good = (result.statuses["202"] ?? 0) + (result.statuses["200"] ?? 0);
  if (good !== count) throw new Error(`answers of ${url}: ${JSON.stringify(result.statuses)}`);
  return result;
}

/** Waits until what was stored has been handled, so that a round measures intake and not the round before. */
async function handled(count: number): Promise<void> {
  await until(
    async () => {
      const metrics = await (await fetch(`${app.url}/metrics`)).text();
      const done = /^crabbox_deliveries\{state="done"\} (\d+)$/mu.exec(metrics)?.[1];
      return Number(done) >= count;
    },
    "the deliveries to be handled",
    SETTLE_MS,
  );
}
