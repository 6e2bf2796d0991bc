import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { until } from "../servers/until.ts";
import { openFleet, type Fleet } from "./fleet.ts";
import { DUPLICATES, FORGED, RUNNING_MEMBERS, RUNS, STATUSES, TOTAL } from "./plan.ts";
import { plannedComments, sendPlan } from "./plan.ts";
import { forgedBody, sendForged } from "./strangers.ts";

/** Accounts, each with its installation. */
const INSTALLATIONS = 100;
/** Killed once so many deliveries were answered. */
const KILLS_AT = [2_000, 4_500];
/** On a machine of its own it takes one minute; the bound only ends what would never end. */
const WITHIN_MS = 600_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({
    size: INSTALLATIONS,
    settings: {
      limits: { concurrency: 2, commandAge: "1h" },
      providers: [{ kind: "local", name: "local", inContainer: "allow", maxBoxes: 2 * RUNNING_MEMBERS }],
    },
  });
});
afterAll(() => fleet.close());

test(
  "ten thousand deliveries, the App killed twice meanwhile: every good one has its effect exactly once",
  async () => {
    const { app, github, members } = fleet;
    const { control } = github;
    expect(await app.start()).toBe("ready");
    await control.setDeliveryFaults({
      faults: [{ effect: "duplicate", event: "issue_comment", action: "created", times: DUPLICATES }],
    });
    const began = Date.now();
    const comments = plannedComments(members);
    let isOver = false;
    const forged = sendForged(
      `${app.url}/api/github/webhooks`,
      Array.from({ length: FORGED }, (_, n) => forgedBody(members[n % members.length], n)),
      () => isOver,
    );
    const sending = sendPlan(control, members, comments);
    for (const count of KILLS_AT) {
      const answered = async () => ((await control.deliveryStats({})).byStatusCode["202"] ?? 0) >= count;
      await until(answered, `${count} deliveries to be answered`, WITHIN_MS);
      await app.end("SIGKILL");
      expect(await app.start()).toBe("ready");
    }
    const ids = await sending;
    const sentMs = Date.now() - began;

    const commands = comments.flatMap(({ body }, at) =>
      body.startsWith("/crabbox") ? [{ body, id: ids[at] ?? 0 }] : [],
    );
    await until(
      async () => {
        const done = (await control.listReactions({})).filter(({ content }) => content === "rocket");
        const checks = await control.listCheckRuns({});
        const isDone = checks.filter(({ status }) => status === "completed").length >= RUNS;
        return done.length >= commands.length && isDone;
      },
      "all commands to be answered and all runs to end",
      WITHIN_MS,
    );
    const allMs = Date.now() - began;
    isOver = true;
    expect([...(await forged)], "forged ones are refused").toEqual([[401, FORGED]]);
    await expectQuiet();

    // Each comment: seen once, done once, by the App alone.
    const reactions = await control.listReactions({ removed: true });
    const byComment = Map.groupBy(reactions, ({ commentId }) => commentId);
    expect(byComment.size).toBe(commands.length);
    for (const { id } of commands)
      expect((byComment.get(id) ?? []).map(({ content }) => content).sort()).toEqual(["eyes", "rocket"]);

    // Each run: one check run, concluded once, with success.
    const checks = await control.listCheckRuns({});
    expect(namesOf(checks)).toEqual(namesOf(wantedRuns(commands)));
    expect(new Set(checks.map(({ externalId }) => externalId)).size).toBe(RUNS);
    for (const check of checks) {
      expect(check.conclusion, check.name).toBe("success");
      const updates = await control.listCheckUpdates({ checkRunId: check.id });
      const ends = updates.filter(({ request }) => request["status"] === "completed");
      // A kill between GitHub's answer and its record has the same update sent once more; it says the same.
      const said = new Set(ends.map(({ request }) => request["conclusion"]));
      expect([...said], `conclusions of ${check.name}`).toEqual(ends.length === 0 ? [] : ["success"]);
    }

    // Each pull request: one sticky comment, which shows the newest answer.
    await app.end("SIGTERM");
    const answers = storedAnswers();
    expect(answers.count).toBe(STATUSES);
    expect(answers.attempts).toEqual(Array.from({ length: RUNS }, () => 1));
    const ours = (await control.listComments({})).filter(({ appId }) => appId === github.appId);
    expect(ours.map(({ repo }) => repo).sort()).toEqual(members.map(({ repo }) => repo).sort());
    for (const { body } of ours) {
      expect(body).toContain("<!-- crabbox:sticky -->");
      expect(body).toMatch(/No runs yet|\| Run \| Command \|/u);
    }

    expect(await control.listViolations({})).toEqual([]);
    const posted = (await control.listDeliveries({})).filter(
      ({ event, action }) => event !== "issue_comment" || action === "created",
    );
    expect(posted.length + FORGED).toBeGreaterThanOrEqual(TOTAL);
    const times = posted.filter(({ statusCode }) => statusCode === 202).map(({ durationMs }) => durationMs);
    const lost = posted.filter(({ statusCode }) => statusCode === 502).length;
    process.stdout.write(
      `${posted.length + FORGED} deliveries over ${INSTALLATIONS} installations (${STATUSES} status, ${RUNS} runs, ${DUPLICATES} duplicates, ${FORGED} forged), sent in ${seconds(sentMs)}, all effects after ${seconds(allMs)}. ` +
        `The answer: p50 ${at(times, 0.5)} ms, p99 ${at(times, 0.99)} ms; ${lost} met a dead App and were fetched from GitHub. ` +
        "Raised: the offline GitHub's limits, and the pacer's rate by its settings.\n",
    );
  },
  2 * WITHIN_MS,
);

/** No write waits, nothing is stored that was not handled. */
async function expectQuiet(): Promise<void> {
  await until(async () => {
    const metrics = await (await fetch(`${fleet.app.url}/metrics`)).text();
    return (
      /^crabbox_deliveries\{state="stored"\} 0$/m.test(metrics) &&
      /^crabbox_deliveries\{state="dead"\} 0$/m.test(metrics) &&
      /^crabbox_github_writes_waiting 0$/m.test(metrics) &&
      /^crabbox_runs\{state="done"\} 300$/m.test(metrics)
    );
  }, "the App to be done with everything");
  await fleet.github.control.waitIdle({});
}

function storedAnswers(): { readonly count: number; readonly attempts: readonly number[] } {
  const db = new DatabaseSync(join(fleet.app.stateDir, "crabbox.sqlite"), { readOnly: true });
  try {
    const { n } = db.prepare("select count(*) as n from answer").get() as { n: number };
    const rows = db.prepare("select count(*) as n from attempt group by run_id").all() as { n: number }[];
    return { count: n, attempts: rows.map((row) => row.n) };
  } finally {
    db.close();
  }
}

function wantedRuns(commands: readonly { readonly body: string }[]): readonly { readonly name: string }[] {
  return commands.flatMap(({ body }) => {
    const command = /^\/crabbox run -- (.*)$/.exec(body)?.[1];
    return command === undefined ? [] : [{ name: `crabbox / run: ${command}` }];
  });
}

function namesOf(named: readonly Pick<CheckRunView, "name">[]): readonly string[] {
  return named.map(({ name }) => name).sort();
}

function at(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(1);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
