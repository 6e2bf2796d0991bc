import { afterAll, beforeAll, expect, test } from "vitest";
import { openReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { REPO, openPull, openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const SECRET = "a webhook secret of the tests";
const at = { owner: "acme", repo: "widgets" };
let stage: Stage;
let receiver: Receiver;
let pull: { number: number; headSha: string };

const is =
  (event: string, action?: string) =>
  (one: { event: string; action: string | undefined }): boolean =>
    one.event === event && one.action === action;

beforeAll(async () => {
  receiver = await openReceiver(SECRET);
  stage = await openStage({ webhookUrl: receiver.url, webhookSecret: SECRET });
  const events = ["issue_comment", "pull_request", "check_run", "check_suite", "push"];
  await stage.github.control.updateApp({ events });
  await stage.github.control.removeInstallation({ installationId: stage.installationId });
  await stage.github.control.install({ owner: "acme" });
  const [installation] = await stage.github.control.listInstallations({});
  stage.installationId = installation?.id ?? 0;
  pull = await openPull(stage);
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  await receiver.stop();
  expect(violations).toEqual([]);
  expect(receiver.received.every((one) => one.verified)).toBe(true);
});

test("installation events come unasked", async () => {
  await receiver.waitFor(is("installation", "created"));
  const deleted = await receiver.waitFor(is("installation", "deleted"));
  expect(deleted.payload["installation"]).toMatchObject({ app_id: stage.github.appId });
});

test("a push and a pull request tell what GitHub tells, with its headers", async () => {
  const push = await receiver.waitFor(is("push"));
  expect(push.payload).toMatchObject({ ref: "refs/heads/feature", created: true, after: pull.headSha });
  const opened = await receiver.waitFor(is("pull_request", "opened"));
  expect(opened.payload).toMatchObject({
    number: pull.number,
    pull_request: { head: { sha: pull.headSha } },
    installation: { id: stage.installationId },
    organization: { login: "acme" },
    sender: { login: "wendy" },
  });
  expect(opened.headers["user-agent"]).toMatch(/^GitHub-Hookshot\//);
  expect(opened.headers["x-github-hook-id"]).toBe(String(stage.github.appId));
  expect(opened.guid).toMatch(/^[0-9a-f-]{36}$/);
  const suite = await receiver.waitFor(is("check_suite", "requested"));
  expect(suite.payload).toMatchObject({ check_suite: { head_sha: pull.headSha, status: "queued" } });
});

test("comments on a pull request say that it is one; the App's own come back marked", async () => {
  const { control } = stage.github;
  const made = await control.comment({
    repo: REPO,
    number: pull.number,
    login: "wendy",
    body: "/crabbox help",
  });
  const heard = await receiver.waitFor(is("issue_comment", "created"));
  expect(heard.payload).toMatchObject({
    issue: { number: pull.number, pull_request: { merged_at: null } },
    comment: {
      id: made.id,
      body: "/crabbox help",
      author_association: "MEMBER",
      performed_via_github_app: null,
    },
  });
  const octokit = await currentClient();
  await octokit.rest.issues.createComment({ ...at, issue_number: pull.number, body: "mine" });
  const mine = await receiver.waitFor((one) => {
    return is("issue_comment", "created")(one) && (one.payload["sender"] as { type: string }).type === "Bot";
  });
  expect(mine.payload).toMatchObject({ comment: { performed_via_github_app: { id: stage.github.appId } } });
  await control.editComment({ commentId: made.id, login: "wendy", body: "/crabbox run -- true" });
  const edited = await receiver.waitFor(is("issue_comment", "edited"));
  expect(edited.payload["changes"]).toEqual({ body: { from: "/crabbox help" } });
  await control.deleteComment({ commentId: made.id, login: "wendy" });
  await receiver.waitFor(is("issue_comment", "deleted"));
});

test("checks: created, completed, Re-run, button, Re-run all", async () => {
  const { control } = stage.github;
  const octokit = await currentClient();
  const actions = [{ label: "Stop", description: "Stop the run", identifier: "stop" }];
  const { data } = await octokit.rest.checks.create({ ...at, name: "crabbox", head_sha: pull.headSha });
  await receiver.waitFor(is("check_run", "created"));
  await octokit.rest.checks.update({ ...at, check_run_id: data.id, conclusion: "failure", actions });
  await receiver.waitFor(is("check_run", "completed"));
  await receiver.waitFor(is("check_suite", "completed"));
  const person = { checkRunId: data.id, login: "wendy" };
  await control.rerequestCheckRun(person);
  const again = await receiver.waitFor(is("check_run", "rerequested"));
  expect(again.payload).toMatchObject({ check_run: { id: data.id }, sender: { login: "wendy" } });
  await control.pressButton({ ...person, identifier: "stop" });
  const pressed = await receiver.waitFor(is("check_run", "requested_action"));
  expect(pressed.payload["requested_action"]).toEqual({ identifier: "stop" });
  await expect(control.pressButton({ ...person, identifier: "none" })).rejects.toThrow("no button");
  await control.rerequestCheckSuite({ checkSuiteId: data.check_suite?.id ?? 0, login: "wendy" });
  await receiver.waitFor(is("check_suite", "rerequested"));
});

test("synchronize, forced push, edited, closed, reopened, branch deleted", async () => {
  const { control } = stage.github;
  const { number } = await openPull(stage, "moving");
  const of = (action: string) => (one: { event: string; action: string | undefined; payload: object }) =>
    is("pull_request", action)(one) && (one.payload as { number: number }).number === number;
  const files = { "moving.txt": "2\n" };
  const { sha, before } = await control.pushCommit({ repo: REPO, branch: "moving", login: "wendy", files });
  const moved = await receiver.waitFor(of("synchronize"));
  expect(moved.payload).toMatchObject({ before, after: sha });
  await control.forcePush({ repo: REPO, branch: "moving", login: "wendy", sha: before ?? "" });
  await receiver.waitFor((one) => is("push")(one) && one.payload["forced"] === true);
  const person = { repo: REPO, number, login: "wendy" };
  await control.editPull({ ...person, title: "Other" });
  expect((await receiver.waitFor(of("edited"))).payload["changes"]).toEqual({
    title: { from: "Add moving" },
  });
  await control.closePull(person);
  await receiver.waitFor(of("closed"));
  await control.reopenPull(person);
  await receiver.waitFor(of("reopened"));
  receiver.received.splice(0);
  await control.deleteBranch({ repo: REPO, branch: "moving", login: "wendy" });
  await receiver.waitFor(of("closed"));
});

test("a suspended installation is told, and hears nothing more", async () => {
  const { control } = stage.github;
  const { installationId } = stage;
  await control.suspendInstallation({ installationId, suspended: true });
  await receiver.waitFor(is("installation", "suspend"));
  const octokit = await currentClient();
  await expect(octokit.rest.repos.get(at)).rejects.toMatchObject({ status: 403 });
  const before = await control.listDeliveries({});
  await control.comment({ repo: REPO, number: pull.number, login: "wendy", body: "into the void" });
  expect((await control.listDeliveries({})).length).toBe(before.length);
  await control.suspendInstallation({ installationId, suspended: false });
  await receiver.waitFor(is("installation", "unsuspend"));
});

async function currentClient() {
  const { installationClient } = await import("./stage.ts");
  return installationClient(stage.github, stage.installationId);
}
