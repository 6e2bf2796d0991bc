import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { FLEET_WRITER, openFleet, type Fleet } from "./fleet.ts";

/** Each wants two reactions, and all share one sticky comment: more than a minute's content. */
const COMMENTS = 36;
const RUNS = 4;
/** GitHub's documented limits an installation (docs "Rate limits for the REST API"). */
const POINTS_PER_MINUTE = 900;
const CONTENT_PER_MINUTE = 80;
/** Two minutes' worth of content at the pacer's own rate, and room for a slow machine. */
const WITHIN_MS = 300_000;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({
    size: 1,
    realLimits: true,
    // Empty: the pacer's defaults, as an operator has them.
    settings: { pacer: {} },
  });
});
afterAll(() => fleet.close());

test(
  "with GitHub's real limits the App is never turned away, and says everything in the end",
  async () => {
    const { app, github, members } = fleet;
    const { control } = github;
    const [member] = members;
    if (member === undefined) throw new Error("no member");
    expect(await app.start()).toBe("ready");
    const { ids } = await control.commentMany({
      comments: Array.from({ length: COMMENTS }, (_, n) => ({
        repo: member.repo,
        number: member.number,
        login: FLEET_WRITER,
        body: n < RUNS ? `/crabbox run -- true ${n}` : "/crabbox status",
      })),
    });
    // Results go before reactions: the runs do not wait for the rest of the minute's content.
    await until(
      async () =>
        (await control.listCheckRuns({})).filter(({ status }) => status === "completed").length === RUNS,
      "the runs to be reported",
      WITHIN_MS,
    );
    await until(
      async () => (await control.listReactions({})).length === 2 * ids.length,
      "every reaction",
      WITHIN_MS,
    );
    const reactions = await control.listReactions({});
    for (const id of ids) {
      const contents = reactions.filter(({ commentId }) => commentId === id).map(({ content }) => content);
      expect(contents.sort()).toEqual(["eyes", "rocket"]);
    }
    expect(
      (await control.listRequests({ kind: "api" })).filter(({ status }) => status === 403 || status === 429),
    ).toEqual([]);
    expect(await control.listViolations({})).toEqual([]);
    const peaks = Object.values(await control.limitPeaks());
    const most = (read: (peak: (typeof peaks)[number]) => number) => Math.max(...peaks.map(read));
    const content = most(({ contentMinute }) => contentMinute);
    // Non-vacuous: so much was wanted that the pacer had to hold some of it back.
    expect(2 * COMMENTS + RUNS + 1).toBeGreaterThan(content);
    expect(content).toBeGreaterThan(CONTENT_PER_MINUTE / 2);
    expect(content).toBeLessThan(CONTENT_PER_MINUTE);
    expect(most(({ points }) => points)).toBeLessThan(POINTS_PER_MINUTE);
    process.stdout.write(
      `Peak use of the real limits: ${content} of ${CONTENT_PER_MINUTE} contents and ${most(({ points }) => points)} of ${POINTS_PER_MINUTE} points a minute.\n`,
    );
  },
  2 * WITHIN_MS,
);
