import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Clock } from "../../app/clock.ts";
import { AppError } from "../../app/errors.ts";
import { createReporter } from "../../app/runs/reporter.ts";
import type { Run } from "../../app/store/rows.ts";
import { createManualClock } from "../github/manual-clock.ts";
import { until } from "../servers/until.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

let fixture: Fixture;
let run: Run;
beforeEach(async () => {
  fixture = await openFixture();
  ({ run } = await fixture.store.runs.create(newRun()));
});
afterEach(() => fixture.end());

/** A reporter over the real store; `faults` are thrown first, one a post. */
function stage(faults: AppError[] = [], hurried: Clock | null = null) {
  const posted: Run["state"][] = [];
  const stickies: string[] = [];
  const clock = createManualClock();
  let tries = 0;
  const reporter = createReporter({
    store: fixture.store,
    clock: hurried ?? clock,
    log: pino({ level: "silent" }),
    async postCheck({ state }) {
      tries += 1;
      const fault = faults.shift();
      if (fault !== undefined) throw fault;
      posted.push(state);
    },
    touchSticky: (repositoryId, pullRequest) => void stickies.push(`${repositoryId}#${pullRequest}`),
  });
  /** Moves time on until it is true: what waits may also wait for the store. */
  const pass = (done: () => boolean, what: string) =>
    until(async () => {
      await clock.advance(1_000);
      return done();
    }, what);
  return { reporter, clock, posted, stickies, tries: () => tries, pass };
}

const failure = (code: "github_failed" | "github_gone" | "github_refused") =>
  new AppError(code, "No.", "Wait.");

describe("progress", () => {
  it("several changes make one report, of the newest state, and the comment follows", async () => {
    const { reporter, posted, stickies, pass } = stage();
    reporter.touch(run.id);
    reporter.touch(run.id);
    await fixture.store.runs.change(run.id, "queued", "leasing");
    await pass(() => stickies.length > 0, "the report");
    expect(posted).toEqual(["leasing"]);
    expect(stickies).toEqual(["11#7"]);
    await reporter.close();
  });

  it("a run that is done is never told of again", async () => {
    const { reporter, posted, clock } = stage();
    await fixture.store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
    await fixture.store.runs.change(run.id, "reporting", "done");
    reporter.touch(run.id);
    await clock.advance(60_000);
    await reporter.close();
    expect(posted).toEqual([]);
  });

  it("a notice is there until it is taken back, and the end takes it", async () => {
    const { reporter } = stage();
    reporter.notice(run.id, "The box is away.");
    expect(reporter.noticeOf(run.id)).toBe("The box is away.");
    reporter.notice(run.id, null);
    expect(reporter.noticeOf(run.id)).toBeNull();
    reporter.notice(run.id, "Away again.");
    await fixture.store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
    await reporter.final(run.id, new AbortController().signal);
    expect(reporter.noticeOf(run.id)).toBeNull();
    await reporter.close();
  });
});

describe("the result", () => {
  beforeEach(async () => {
    await fixture.store.runs.change(run.id, "queued", "reporting", { outcome: "succeeded" });
  });
  const signal = () => new AbortController().signal;

  it("is tried until GitHub has it", async () => {
    const { reporter, posted, tries, pass } = stage([failure("github_failed"), failure("github_failed")]);
    let done = false;
    const final = reporter.final(run.id, signal()).then(() => (done = true));
    await pass(() => done, "the result to be posted");
    await final;
    expect(tries()).toBe(3);
    expect(posted).toEqual(["reporting"]);
    await reporter.close();
  });

  it.each(["github_gone", "github_refused"] as const)("%s is an end, too", async (code) => {
    const { reporter, tries, stickies } = stage([failure(code)]);
    await reporter.final(run.id, signal());
    expect(tries()).toBe(1);
    expect(stickies).toEqual(["11#7"]);
    await reporter.close();
  });

  it("is given up after a day, not before", async () => {
    const faults = Array.from({ length: 5_000 }, () => failure("github_failed"));
    const { clock } = fixture;
    const hurried = { now: clock.now, sleep: async (ms: number) => clock.advance(ms) };
    const { reporter, posted } = stage(faults, hurried);
    const begun = clock.now();
    await reporter.final(run.id, signal());
    expect(clock.now() - begun).toBeGreaterThan(24 * 3_600_000);
    expect(clock.now() - begun).toBeLessThan(25 * 3_600_000);
    expect(posted).toEqual([]);
    await reporter.close();
  });

  it("a drain ends the wait with its reason", async () => {
    const { reporter, tries } = stage([failure("github_failed")]);
    const drain = new AbortController();
    const final = reporter.final(run.id, drain.signal);
    await until(() => tries() === 1, "the first try");
    drain.abort(new AppError("draining", "The App ends.", "Wait."));
    await expect(final).rejects.toMatchObject({ code: "draining" });
    await reporter.close();
  });
});
