import { afterAll, beforeAll, expect, test } from "vitest";
import { openPull, openStage, REPO, tokenClient, type Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
const FORK = "frida/widgets";
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  const { control } = stage.github;
  await control.createAccount({ login: "frida" });
  await control.forkRepository({ repo: REPO, owner: "frida" });
});
afterAll(() => stage.stop());

const status = (call: Promise<unknown>): Promise<number> =>
  call.then(
    () => 200,
    (thrown: { status: number }) => thrown.status,
  );

async function pullFromFork(branch: string): Promise<{ number: number; headSha: string }> {
  const { control } = stage.github;
  const files = { [`${branch}.txt`]: "theirs\n" };
  await control.pushCommit({ repo: FORK, branch, login: "frida", parent: "main", files });
  return control.openPull({ repo: REPO, login: "frida", head: branch, headRepo: FORK, title: branch });
}

test("a pull request from a fork names where it comes from; its commit is served by where it goes to", async () => {
  const { number, headSha } = await pullFromFork("theirs");
  const { data } = await stage.octokit.rest.pulls.get({ ...at, pull_number: number });
  expect(data.head).toMatchObject({ sha: headSha, ref: "theirs", repo: { full_name: FORK, fork: true } });
  expect(data.base.repo.full_name).toBe(REPO);
  const { data: commit } = await stage.octokit.rest.repos.getCommit({ ...at, ref: headSha });
  expect(commit.sha).toBe(headSha);
});

test("another base is told with what it was", async () => {
  const { control } = stage.github;
  const { number } = await openPull(stage, "retargeted");
  await control.pushCommit({
    repo: REPO,
    branch: "old",
    login: "wendy",
    parent: "main",
    files: { o: "o\n" },
  });
  await control.updateApp({ webhookUrl: "http://127.0.0.1:9/" });
  await control.retargetPull({ repo: REPO, number, login: "wendy", base: "old" });
  const { data } = await stage.octokit.rest.pulls.get({ ...at, pull_number: number });
  expect(data.base.ref).toBe("old");
  const told = (await control.listDeliveries({ event: "pull_request", action: "edited" })).at(-1);
  const payload = await control.deliveryPayload({ deliveryId: told?.id ?? 0 });
  expect(payload).toMatchObject({ changes: { base: { ref: { from: "main" } } } });
});

test("in the archive it can only be read", async () => {
  const { control } = stage.github;
  const { number } = await openPull(stage, "archived");
  const write = () => stage.octokit.rest.issues.createComment({ ...at, issue_number: number, body: "x" });
  await control.setArchived({ repo: REPO, archived: true });
  expect((await stage.octokit.rest.repos.get(at)).data.archived).toBe(true);
  expect(await status(write())).toBe(403);
  await control.setArchived({ repo: REPO, archived: false });
  expect(await status(write())).toBe(200);
});

test("transferred, it keeps its id and is out of the old owner's installation", async () => {
  const { control } = stage.github;
  const made = await control.createRepository({ owner: "acme", name: "moving", private: true });
  const moving = { owner: "acme", repo: "moving" };
  expect((await stage.octokit.rest.repos.get(moving)).data.id).toBe(made.id);
  expect((await control.transferRepository({ repo: "acme/moving", owner: "elsewhere" })).id).toBe(made.id);
  expect(await status(stage.octokit.rest.repos.get(moving))).toBe(404);
  expect(await status(stage.octokit.rest.repos.get({ ...moving, owner: "elsewhere" }))).toBe(404);
});

test("who is in a team is told to an installation of its organisation that may read members", async () => {
  const { control } = stage.github;
  const ask = (username: string, octokit = stage.octokit) =>
    octokit.rest.teams.getMembershipForUserInOrg({ org: "acme", team_slug: "readers", username });
  expect(await status(ask("wendy"))).toBe(404);
  const team = { org: "acme", team: "readers" };
  await control.setTeamMember({ ...team, login: "wendy", state: "active" });
  await control.setTeamMember({ ...team, login: "rita", state: "pending" });
  expect((await ask("wendy")).data).toMatchObject({ state: "active", role: "member" });
  expect((await ask("rita")).data.state).toBe("pending");
  await control.setTeamMember({ ...team, login: "wendy", state: null });
  expect(await status(ask("wendy"))).toBe(404);
  const { data } = await stage.app.rest.apps.createInstallationAccessToken({
    installation_id: stage.installationId,
    permissions: { contents: "read" },
  });
  expect(await status(ask("rita", tokenClient(stage.github, data.token)))).toBe(403);
});

test("a deleted fork leaves its pull request open, with a head from nowhere", async () => {
  const { number, headSha } = await pullFromFork("orphan");
  await stage.github.control.deleteRepository({ repo: FORK });
  const { data } = await stage.octokit.rest.pulls.get({ ...at, pull_number: number });
  expect(data).toMatchObject({ state: "open", head: { sha: headSha, repo: null } });
  expect(await stage.github.control.listViolations({})).toEqual([]);
});
