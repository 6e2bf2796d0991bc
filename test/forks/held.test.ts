import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canMakeUsers } from "../servers/plain-user.ts";
import { READER, REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { FORK, openForkStage, STRANGER, type ForkStage } from "./fork-stage.ts";

const ON_CELL = "/crabbox run --provider cells";
let forks: ForkStage;

describe.skipIf(!canMakeUsers())("a fork's pull request (hosts with a user each: needs root)", () => {
  beforeAll(async () => {
    forks = await openForkStage(5);
  });
  afterAll(() => forks.close());

  test("is held until a writer approves its whole commit id, printed ready to paste; then exactly that commit runs", async () => {
    const { number, sha, branch } = await forks.pullFromFork();
    const asked = await forks.say(number, `${ON_CELL} -- git rev-parse HEAD; cat theirs.txt`);
    const held = await forks.concluded("rev-parse", "action_required");
    expect(held).toMatchObject({ status: "completed", headSha: sha });
    expect(held.output.title).toBe("Waiting for an approval");
    expect(held.output.summary).toContain(`\`\`\`text\n/crabbox approve ${sha}\n\`\`\``);
    await until(async () => (await forks.sticky(number)).includes(`/crabbox approve ${sha}`), "the comment");
    expect(await forks.reactions(asked)).toContain("rocket");
    expect(forks.sent()).toEqual([]);

    await forks.say(number, `/crabbox approve ${sha}`);
    const done = await forks.concluded("rev-parse", "success");
    expect(done.id).toBe(held.id);
    expect(done.output.text).toContain(sha);
    expect(done.output.text).toContain(branch);
    expect(forks.sent()).toHaveLength(1);
    await until(async () => !(await forks.sticky(number)).includes("Waiting for"), "nothing to be held");

    await forks.say(number, `${ON_CELL} -- echo again`);
    await forks.concluded("echo again", "success");
    const { sha: newer } = await forks.stage.github.control.pushCommit({
      repo: FORK,
      branch,
      login: STRANGER,
      files: { "more.txt": "x" },
    });
    await until(
      async () => (await forks.stage.github.control.getPull({ repo: REPO, number })).headSha === newer,
      "the push",
    );
    await forks.say(number, `${ON_CELL} -- echo newer`);
    const again = await forks.concluded("echo newer", "action_required");
    expect(again.output.summary).toContain(`/crabbox approve ${newer}`);
    expect(forks.sent()).toHaveLength(2);
  });

  test("several held runs of one commit need one approval", async () => {
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo one\n${ON_CELL} -- echo two`);
    await forks.concluded("echo one", "action_required");
    await forks.concluded("echo two", "action_required");
    await forks.say(number, `/crabbox approve ${sha.toUpperCase()}`);
    await forks.concluded("echo one", "success");
    await forks.concluded("echo two", "success");
  });

  test("gets nothing for a stranger's command: a reaction, no check, no answer; nor for a stranger's approval", async () => {
    const { number, sha } = await forks.pullFromFork();
    const before = (await forks.stage.checks()).length;
    for (const login of [STRANGER, READER]) {
      const comment = await forks.say(number, `${ON_CELL} -- echo strange`, login);
      await until(async () => (await forks.reactions(comment)).includes("confused"), "the reaction");
    }
    expect((await forks.stage.checks()).length).toBe(before);
    expect(forks.runOf("echo strange")).toBeNull();
    expect(await forks.sticky(number)).toBe("");
    await forks.say(number, `${ON_CELL} -- echo patient`);
    await forks.concluded("echo patient", "action_required");
    for (const login of [STRANGER, READER]) {
      const comment = await forks.say(number, `/crabbox approve ${sha}`, login);
      await until(async () => (await forks.reactions(comment)).includes("confused"), "the reaction");
    }
    expect(forks.runOf("echo patient")).toMatchObject({ state: "held" });
    expect(forks.sent()).not.toContain("echo patient");
  });

  test("is refused on a provider that does not keep it apart, with the cure", async () => {
    const { number } = await forks.pullFromFork();
    const comment = await forks.say(number, "/crabbox run -- echo local");
    await until(async () => (await forks.reactions(comment)).includes("confused"), "the reaction");
    await until(async () => (await forks.sticky(number)).includes("isolation"), "the reason");
    const answer = await forks.sticky(number);
    expect(answer).toContain("shares the host's network");
    expect(answer).toContain("--provider cells");
    expect(forks.runOf("echo local")).toBeNull();
  });

  test("is held for its author, too, when that is a writer; who then may approve it", async () => {
    const { control } = forks.stage.github;
    await control.forkRepository({ repo: REPO, owner: WRITER });
    const { number, sha } = await forks.pullFromFork(`${WRITER}/shop`, WRITER);
    await forks.say(number, `${ON_CELL} -- echo mine`);
    await forks.concluded("echo mine", "action_required");
    await forks.say(number, `/crabbox approve ${sha}`);
    await forks.concluded("echo mine", "success");
  });
});
