import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openGate, type Gate } from "../recovery/gate.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { FORK, openForkStage, STRANGER, type ForkStage } from "./fork-stage.ts";

const SECOND_WRITER = "walt";
let forks: ForkStage;
let gate: Gate;

type Target = { readonly number: number; readonly branch: string; readonly sha: string };
type Move = {
  readonly what: string;
  /** Whether GitHub's word of it reaches the App before the claim. */
  readonly told: boolean;
  readonly move: (target: Target) => Promise<unknown>;
  readonly outcome: "superseded" | "refused" | "cancelled";
  /** Takes it back, so that the run can be reported and the next row finds the stage as it was. */
  readonly undo?: () => Promise<unknown>;
};

const control = () => forks.stage.github.control;
const push = ({ branch }: Target) =>
  control().pushCommit({ repo: FORK, branch, login: STRANGER, files: { "later.txt": branch } });
const retarget = ({ number }: Target) =>
  control().retargetPull({ repo: REPO, number, login: STRANGER, base: "old" });
const close = ({ number }: Target) => control().closePull({ repo: REPO, number, login: STRANGER });
async function suspend(suspended: boolean): Promise<void> {
  for (const { id } of await control().listInstallations({}))
    await control().suspendInstallation({ installationId: id, suspended });
}

const MOVES: readonly Move[] = [
  { what: "a push", told: true, move: push, outcome: "superseded" },
  { what: "a push that nobody tells of", told: false, move: push, outcome: "superseded" },
  {
    what: "a forced push back to the base",
    told: false,
    async move({ branch }) {
      const { sha } = await control().branchSha({ repo: FORK, branch: "main" });
      await control().forcePush({ repo: FORK, branch, sha: sha ?? "", login: STRANGER });
    },
    outcome: "superseded",
  },
  { what: "another base", told: true, move: retarget, outcome: "refused" },
  { what: "another base that nobody tells of", told: false, move: retarget, outcome: "refused" },
  { what: "closing it", told: true, move: close, outcome: "cancelled" },
  { what: "closing it, untold", told: false, move: close, outcome: "refused" },
  {
    what: "the approver's access removed",
    told: false,
    move: () => control().setRole({ repo: REPO, login: SECOND_WRITER, role: "read" }),
    outcome: "refused",
    undo: () => control().setRole({ repo: REPO, login: SECOND_WRITER, role: "write" }),
  },
  {
    what: "the repository made public",
    told: false,
    move: () => control().setPrivate({ repo: REPO, private: false }),
    outcome: "refused",
    undo: () => control().setPrivate({ repo: REPO, private: true }),
  },
  {
    what: "the repository archived",
    told: false,
    move: () => control().setArchived({ repo: REPO, archived: true }),
    outcome: "refused",
    undo: () => control().setArchived({ repo: REPO, archived: false }),
  },
  {
    what: "the repository transferred",
    told: false,
    move: () => control().transferRepository({ repo: REPO, owner: "elsewhere" }),
    outcome: "refused",
    undo: () => control().transferRepository({ repo: "elsewhere/shop", owner: "acme" }),
  },
  {
    what: "the installation suspended",
    told: false,
    move: () => suspend(true),
    outcome: "refused",
    undo: () => suspend(false),
  },
  {
    what: "the fork deleted",
    told: false,
    move: () => control().deleteRepository({ repo: FORK }),
    outcome: "refused",
    undo: () => control().forkRepository({ repo: REPO, owner: STRANGER }),
  },
];

describe.skipIf(!canMakeUsers())("between approval and claim (hosts with a user each: needs root)", () => {
  beforeAll(async () => {
    gate = await openGate();
    forks = await openForkStage(2, { limits: { concurrency: 1 } });
    // What is not told stays untold: the App's look for lost deliveries would find it at a moment of its own.
    await control().setFaults({
      faults: [{ effect: "server-error", method: "GET", path: "/app/hook/deliveries", times: 0 }],
    });
    await control().createAccount({ login: SECOND_WRITER });
    await control().setRole({ repo: REPO, login: SECOND_WRITER, role: "write" });
    await control().pushCommit({
      repo: REPO,
      branch: "old",
      login: WRITER,
      parent: "main",
      files: { o: "o" },
    });
  });
  afterAll(async () => {
    await forks.close();
    await gate.close();
  });

  for (const [n, { what, told, move, outcome, undo }] of MOVES.entries()) {
    test(`${what}: ${outcome}, and nothing is sent to a box`, async () => {
      const command = `echo moved-${n}`;
      const target = await forks.pullFromFork();
      await forks.say(target.number, `/crabbox run --provider cells -- ${command}`);
      await until(() => forks.runOf(command)?.state === "held", "the run to be held");
      // The account's one place is taken, so that what is approved waits.
      await forks.stage.comment(`/crabbox run -- ${gate.command(`block-${n}`)}`);
      await gate.reached(`block-${n}`);
      await forks.say(target.number, `/crabbox approve ${target.sha}`, SECOND_WRITER);
      await until(() => forks.runOf(command)?.state === "queued", "the run to be queued");
      await control().waitIdle({});
      const lost = told ? [] : ["pull_request", "installation"];
      await control().setDeliveryFaults({
        faults: lost.map((event) => ({ effect: "drop" as const, event, times: 0 })),
      });
      await move(target);
      await control().waitIdle({});
      gate.open(`block-${n}`, 0);
      await until(() => forks.runOf(command)?.outcome, "an outcome");
      expect(forks.runOf(command)?.outcome).toBe(outcome);
      await undo?.();
      await control().setDeliveryFaults({ faults: [] });
      await until(() => forks.runOf(command)?.state === "done", "the run to be reported");
      expect(forks.sent()).toEqual([]);
    });
  }

  test("after the claim it goes on by its commit, whatever is pushed, retargeted, deleted or taken away", async () => {
    const target = await forks.pullFromFork();
    const command = `git rev-parse HEAD; ${gate.command("claimed")}`;
    await forks.say(target.number, `/crabbox run --provider cells -- ${command}`);
    await until(() => forks.runOf("t=claimed")?.state === "held", "the run to be held");
    await forks.say(target.number, `/crabbox approve ${target.sha}`, SECOND_WRITER);
    await gate.reached("claimed");
    await push(target);
    await retarget(target);
    await control().setRole({ repo: REPO, login: SECOND_WRITER, role: null });
    await control().deleteRepository({ repo: FORK });
    await control().waitIdle({});
    gate.open("claimed", 0);
    const check = await forks.concluded("rev-parse", "success");
    expect(check.output.text).toContain(target.sha);
    expect(forks.sent()).toHaveLength(1);
  });
});
