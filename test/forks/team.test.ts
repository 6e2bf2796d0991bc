import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canMakeUsers } from "../servers/plain-user.ts";
import { REPO, WRITER } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { FORK, openForkStage, type ForkStage } from "./fork-stage.ts";

const ON_CELL = "/crabbox run --provider cells";
const MEMBER = "walt";
let forks: ForkStage;

describe.skipIf(!canMakeUsers())("with `approve_team` (hosts with a user each: needs root)", () => {
  beforeAll(async () => {
    forks = await openForkStage(3, { forks: { policy: "approve_team", team: "acme/readers" } });
    const { control } = forks.stage.github;
    await control.createAccount({ login: MEMBER });
    await control.setRole({ repo: REPO, login: MEMBER, role: "write" });
    await control.setTeamMember({ org: "acme", team: "readers", login: MEMBER, state: "active" });
    await control.setTeamMember({ org: "acme", team: "readers", login: WRITER, state: "pending" });
  });
  afterAll(() => forks.close());

  test("a writer outside the team, or only invited, does not count; a member who is a writer does", async () => {
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo team`);
    await forks.concluded("echo team", "action_required");
    const refused = await forks.say(number, `/crabbox approve ${sha}`);
    await until(async () => (await forks.reactions(refused)).includes("confused"), "the reaction");
    await until(async () => (await forks.sticky(number)).includes("acme/readers"), "the reason");
    expect(forks.runOf("echo team")).toMatchObject({ state: "held" });
    await forks.say(number, `/crabbox approve ${sha}`, MEMBER);
    await forks.concluded("echo team", "success");
  });

  test("a member without write access is a stranger", async () => {
    const { control } = forks.stage.github;
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo reader`);
    await forks.concluded("echo reader", "action_required");
    await control.setRole({ repo: REPO, login: MEMBER, role: "read" });
    const refused = await forks.say(number, `/crabbox approve ${sha}`, MEMBER);
    await until(async () => (await forks.reactions(refused)).includes("confused"), "the reaction");
    expect(forks.runOf("echo reader")).toMatchObject({ state: "held" });
    await control.setRole({ repo: REPO, login: MEMBER, role: "write" });
  });

  test("Dependabot's pull request is held like a fork's", async () => {
    const { control } = forks.stage.github;
    await control.createAccount({ login: "dependabot[bot]", type: "Bot" });
    const { number, sha } = await forks.pullFromFork(REPO, "dependabot[bot]");
    await forks.say(number, `${ON_CELL} -- cat theirs.txt`);
    await forks.concluded("cat theirs.txt", "action_required");
    await forks.say(number, `/crabbox approve ${sha}`, MEMBER);
    await forks.concluded("cat theirs.txt", "success");
  });

  test("a fork of a fork is one like any other", async () => {
    const { control } = forks.stage.github;
    await control.createAccount({ login: "fred" });
    await control.forkRepository({ repo: FORK, owner: "fred" });
    const { number, sha } = await forks.pullFromFork("fred/shop", "fred");
    await forks.say(number, `${ON_CELL} -- git rev-parse HEAD`);
    await forks.concluded("git rev-parse HEAD", "action_required");
    await forks.say(number, `/crabbox approve ${sha}`, MEMBER);
    expect((await forks.concluded("git rev-parse HEAD", "success")).output.text).toContain(sha);
  });

  test("when GitHub does not let the App see members, that is said", async () => {
    const { control } = forks.stage.github;
    const { number, sha } = await forks.pullFromFork();
    await forks.say(number, `${ON_CELL} -- echo unseen`);
    await forks.concluded("echo unseen", "action_required");
    for (const { id } of await control.listInstallations({}))
      await control.removeInstallation({ installationId: id });
    const { permissions } = await control.updateApp({});
    const { members: _members, ...fewer } = permissions;
    await control.install({ owner: "acme", permissions: fewer });
    const refused = await forks.say(number, `/crabbox approve ${sha}`, MEMBER);
    await until(async () => (await forks.reactions(refused)).includes("confused"), "the reaction");
    await until(async () => (await forks.sticky(number)).includes("Members: read"), "the cure");
    expect(forks.sent()).not.toContain("echo unseen");
  });
});
