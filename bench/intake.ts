// (c) Deliveries a second through the App, which stores each durably before it answers, beside Probot's own middleware, which verifies
// and keeps nothing. Both stay up, warm; rounds alternate, so that a busy machine is busy for both. Once with what nearly all deliveries
// are, comments without a command (GUID and checksum are kept), and once with such as are kept whole and handled meanwhile.
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { promisify } from "node:util";
import { openStage } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";
import { ms, percentile, report } from "./report.ts";

const ROUNDS = 6;
const DELIVERIES = 3_000;
/** V8 optimizes both for some thousand deliveries; an App stays up for weeks. */
const WARM_UP = 8_000;
const CONNECTIONS = 50;
const TARGET = 0.8;
const SETTLE_MS = 300_000;

type Kind = "usual" | "wanted";
type Round = { readonly tookMs: number; readonly times: readonly number[] };

const run = promisify(execFile);
/** All that the App was ever sent. */
let taken = 0;
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
  await compare(bareUrl, "usual", "intake, GUID and checksum stored, beside bare Probot");
  await compare(bareUrl, "wanted", "the same, all of them kept whole and handled");
} finally {
  bare.stdin.end();
  await stage.close();
}

/** Turn about, each round once the App has handled the one before. */
async function compare(url: string, kind: Kind, what: string): Promise<void> {
  const ours: Round[] = [];
  const beside: Round[] = [];
  const both = async (count: number) => {
    await handled(taken);
    beside.push(await load(url, kind, count));
    ours.push(await load(app.url, kind, count));
    taken += count;
  };
  await both(WARM_UP);
  ours.length = 0;
  beside.length = 0;
  for (let round = 0; round < ROUNDS; round += 1) await both(DELIVERIES);
  await handled(taken);
  const perSecond = (rounds: readonly Round[]) =>
    (rounds.length * DELIVERIES * 1_000) / rounds.reduce((sum, { tookMs }) => sum + tookMs, 0);
  const said = (rounds: readonly Round[]) => {
    const times = rounds.flatMap((one) => one.times);
    return `${perSecond(rounds).toFixed(0)}/s, p50 ${ms(percentile(times, 0.5))}, p99 ${ms(percentile(times, 0.99))}`;
  };
  const ratio = perSecond(ours) / perSecond(beside);
  report({
    what,
    ours: said(ours),
    beside: said(beside),
    ratio,
    target: kind === "usual" ? `>= ${TARGET}x` : null,
    ...(kind === "usual" ? { isMet: ratio >= TARGET } : {}),
  });
}

async function load(url: string, kind: Kind, count: number): Promise<Round> {
  const { stdout } = await run(
    process.execPath,
    [
      join(import.meta.dirname, "intake-loader.ts"),
      `${url}/api/github/webhooks`,
      github.webhookSecret,
      String(count),
      String(CONNECTIONS),
      kind,
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
