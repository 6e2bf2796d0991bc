import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../app/commands/table.ts";
import { parseComment } from "../../app/commands/grammar.ts";
import { pullRequestHolder, type LeaseHolder } from "../../app/leases/lease.ts";
import { buttonsOf, commandOf } from "../../app/runs/buttons.ts";
import { RUN_STATES, type RunState } from "../../app/runs/run.ts";
import type { Lease, Run } from "../../app/store/rows.ts";
import { lease as sampleLease, run as sampleRun } from "../templates/sample.ts";

const DAY_MS = 24 * 3_600_000;
const facts = (state: RunState, change: Partial<Run> = {}, lease: Lease | null = null) => ({
  run: { ...sampleRun, state, cancel: null, ...change },
  lease,
  keepMs: 30 * 60_000,
});
const shown = (input: ReturnType<typeof facts>) => buttonsOf(input).map(({ identifier }) => identifier);
const warm = (holder: LeaseHolder, change: Partial<Lease> = {}) => ({
  ...sampleLease,
  state: "active" as const,
  holder,
  busyAttempt: null,
  ...change,
});

describe("the buttons of a check", () => {
  it.each([
    ["held", ["approve", "cancel"]],
    ["queued", ["cancel"]],
    ["leasing", ["cancel"]],
    ["running", ["cancel"]],
    ["reporting", ["retry"]],
    ["done", ["retry"]],
  ] as const)("%s: %j", (state, expected) => {
    expect(shown(facts(state))).toEqual(expected);
  });

  it("has none to cancel once somebody asked, and none where there is no pull request", () => {
    const cancel = { outcome: "cancelled", by: "mona", reason: "Enough.", at: 1 } as const;
    expect(shown(facts("running", { cancel }))).toEqual([]);
    expect(shown(facts("held", { cancel }))).toEqual([]);
    expect(shown(facts("done", { pullRequest: null }))).toEqual([]);
  });

  it("keeps a box only while it is warm for this pull request", () => {
    const { repositoryId, pullRequest } = sampleRun;
    const mine = pullRequestHolder(repositoryId, pullRequest ?? 0);
    expect(shown(facts("done", {}, warm(mine)))).toEqual(["retry", "keep"]);
    expect(shown(facts("done", {}, warm(pullRequestHolder(repositoryId, 999))))).toEqual(["retry"]);
    for (const state of ["requested", "ending", "ended"] as const)
      expect(shown(facts("done", {}, warm(mine, { state })))).toEqual(["retry"]);
    expect(shown(facts("running", {}, warm(mine)))).toEqual(["cancel"]);
  });

  it("keeps GitHub's limits, and stands for a command that there is", () => {
    const { repositoryId, pullRequest } = sampleRun;
    const lease = warm(pullRequestHolder(repositoryId, pullRequest ?? 0));
    for (const keepMs of [1_000, 90 * 60_000, 23 * 3_600_000 + 59 * 60_000, DAY_MS]) {
      for (const state of RUN_STATES) {
        const input = { ...facts(state, {}, lease), keepMs };
        const buttons = buttonsOf(input);
        expect(buttons.length).toBeLessThanOrEqual(3);
        for (const { identifier, label, description } of buttons) {
          expect(label.length).toBeLessThanOrEqual(20);
          expect(description.length).toBeLessThanOrEqual(40);
          expect(identifier.length).toBeLessThanOrEqual(20);
          const { commands } = parseComment(`/crabbox ${commandOf(identifier, input)?.command}`, COMMANDS);
          expect(commands.map(({ kind }) => kind)).toEqual(["command"]);
        }
      }
    }
  });
});
