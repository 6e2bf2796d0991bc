import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CheckRunView } from "../../demo/github/control/contract.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { FORK, openForkStage, STRANGER, type ForkStage } from "./fork-stage.ts";

const ON_CELL = "/crabbox run --provider cells";
let forks: ForkStage;

function press({ id }: CheckRunView, identifier: string, login: string) {
  return forks.stage.github.control.pressButton({ checkRunId: id, login, identifier });
}

describe.skipIf(!canMakeUsers())("the buttons of a held run (hosts with a user each: needs root)", () => {
  beforeAll(async () => {
    forks = await openForkStage(2);
  });
  afterAll(() => forks.close());

  test("a writer's press approves that commit; the fork's author's does not", async () => {
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- git rev-parse HEAD`);
    const held = await forks.concluded("rev-parse", "action_required");
    expect(held.actions.map(({ identifier }) => identifier)).toEqual(["approve", "cancel"]);
    // GitHub names no pull request for a fork's commit: the run does.
    const payload = await forks.stage.github.control.checkRunAsApi({ checkRunId: held.id });
    expect(payload["pull_requests"]).toEqual([]);
    await press(held, "approve", STRANGER);
    await until(async () => (await forks.sticky(number)).includes("need write access"), "the refusal");
    expect(forks.runOf("rev-parse")).toMatchObject({ state: "held" });
    await Promise.all([press(held, "approve", WRITER), press(held, "approve", WRITER)]);
    const done = await forks.concluded("rev-parse", "success");
    expect(done.output.text).toContain(sha);
    expect(forks.sent()).toHaveLength(1);
    await until(async () => (await forks.sticky(number)).includes(`Approved \`${sha}\``), "the answer");
  });

  test("a press on the check of a commit that was pushed over approves nothing", async () => {
    const { number, branch } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo pushed over`);
    const held = await forks.concluded("pushed over", "action_required");
    const files = { "more.txt": "x" };
    await forks.stage.github.control.pushCommit({ repo: FORK, branch, login: STRANGER, files });
    await until(() => forks.runOf("pushed over")?.outcome === "superseded", "the run to be superseded");
    await press(held, "approve", WRITER);
    await until(
      async () => (await forks.sticky(number)).includes("is not the head of this pull request now"),
      "the answer",
    );
    await forks.say(number, `${ON_CELL} -- echo newer`);
    await forks.concluded("echo newer", "action_required");
    expect(forks.sent()).toHaveLength(1);
  });

  test("cancel ends a held run", async () => {
    const { number } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo unwanted`);
    await press(await forks.concluded("unwanted", "action_required"), "cancel", WRITER);
    await forks.concluded("unwanted", "cancelled");
    await forks.stage.github.control.closePull({ repo: REPO, number, login: WRITER });
    expect(forks.sent()).toHaveLength(1);
  });
});
