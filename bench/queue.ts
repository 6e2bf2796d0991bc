// (d) A queue ten times as long: what a no-op run takes when 100 wait and when 1,000 wait, all of one pull request and one warm box,
// the offline GitHub's limits and the pacer's rate raised. The short queue is timed before and after the long one, because machines drift.
import { openStage, type Stage } from "../test/servers/stage.ts";
import { until } from "../test/servers/until.ts";
import { ms, report } from "./report.ts";

const SHORT = 100;
const LONG = 1_000;
const TARGET = 1.3;
/** Comments written in one call. */
const GROUP = 50;
const POLL_WITHIN_MS = 1_200_000;

const before = await msPerRun(SHORT);
console.log(`${SHORT} queued: ${ms(before)} a run`);
const long = await msPerRun(LONG);
console.log(`${LONG} queued: ${ms(long)} a run`);
const after = await msPerRun(SHORT);
console.log(`${SHORT} queued: ${ms(after)} a run`);
const short = (before + after) / 2;
report({
  what: `a no-op run with ${LONG} queued, beside with ${SHORT}`,
  ours: `${ms(long)} a run`,
  beside: `${ms(short)} a run`,
  ratio: long / short,
  target: TARGET,
});

/** Queues so many runs behind one that is under way, lets them go, and answers what each took. */
async function msPerRun(count: number): Promise<number> {
  const stage = await openStage({
    settings: { limits: { concurrency: 1, commandAge: "1h", queueWait: "2h" }, defaults: { timeout: "2h" } },
  });
  try {
    await stage.run("/crabbox run -- true");
    await stage.comment("/crabbox run -- sleep 7000");
    await until(
      async () => (await runsIn(stage, "running")) === 1,
      "the run that holds the box",
      POLL_WITHIN_MS,
    );
    for (let made = 0; made < count; made += GROUP) await comment(stage, Math.min(GROUP, count - made));
    await until(async () => (await runsIn(stage, "queued")) === count, "the queue", POLL_WITHIN_MS);
    const holder = (await stage.checks()).find(({ name }) => name.includes("sleep"));
    await stage.comment(`/crabbox cancel ${holder?.externalId ?? ""}`);
    // The holder's own end is not timed.
    await until(async () => (await runsIn(stage, "queued")) < count, "the first to start", POLL_WITHIN_MS);
    const began = performance.now();
    await until(async () => (await runsIn(stage, "done")) === count + 2, "all to end", POLL_WITHIN_MS);
    const tookMs = performance.now() - began;
    const good = (await stage.checks()).filter(({ conclusion }) => conclusion === "success").length;
    if (good !== count + 1) throw new Error(`only ${good} of ${count + 1} runs succeeded`);
    return tookMs / count;
  } finally {
    await stage.close();
  }
}

async function comment({ github, pull }: Stage, count: number): Promise<void> {
  const one = { repo: "acme/shop", number: pull, login: "wanda", body: "/crabbox run -- true" };
  await github.control.commentMany({ comments: Array.from({ length: count }, () => one) });
}

async function runsIn({ app }: Stage, state: string): Promise<number> {
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  return Number(new RegExp(`^crabbox_runs\\{state="${state}"\\} (\\d+)$`, "mu").exec(metrics)?.[1] ?? 0);
}
