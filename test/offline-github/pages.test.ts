import { afterAll, beforeAll, expect, test } from "vitest";
import { createWalker } from "./browserless.ts";
import type { Walker } from "./browserless.ts";
import { openReceiver } from "./receiver.ts";
import type { Receiver } from "./receiver.ts";
import { openPull, openStage, REPO } from "./stage.ts";
import type { Stage } from "./stage.ts";

const EVIL = `"><script>alert(1)</script><img src=x onerror=alert(2)>`;
let stage: Stage;
let receiver: Receiver;
let path = "";
let headSha = "";

beforeAll(async () => {
  stage = await openStage();
  receiver = await openReceiver(stage.github.webhookSecret);
  await stage.github.control.updateApp({ webhookUrl: receiver.url });
  const pull = await openPull(stage);
  path = `/${REPO}/pull/${pull.number}`;
  ({ headSha } = pull);
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await receiver.stop();
  await stage.stop();
  expect(violations).toEqual([]);
});

const as = async (login: string): Promise<Walker> => {
  const walker = createWalker(stage.github.url);
  await walker.get(`/login?return_to=${encodeURIComponent(path)}`);
  await walker.press(login);
  return walker;
};

const madeCheck = async () => {
  const { data } = await stage.octokit.rest.checks.create({
    owner: "acme",
    repo: "widgets",
    name: EVIL,
    head_sha: headSha,
    status: "completed",
    conclusion: "failure",
    details_url: "https://example.com/log",
    output: { title: EVIL, summary: `# ${EVIL}`, text: `~~~\n${EVIL}\n~~~` },
    actions: [{ label: "Keep box", description: "Keep it", identifier: "keep" }],
  });
  return data.id;
};

test("what people, branches and boxes write becomes nothing but text", async () => {
  const { control } = stage.github;
  const branch = `x'"><svg/onload=alert(1)>`;
  await control.pushCommit({ repo: REPO, branch, login: "wendy", files: { a: EVIL }, message: EVIL });
  const pull = await control.openPull({ repo: REPO, login: "wendy", head: branch, title: EVIL, body: EVIL });
  await control.comment({ repo: REPO, number: pull.number, login: "wendy", body: EVIL });
  const id = await madeCheck();
  const wendy = await as("wendy");
  const at = `/${REPO}/pull/${pull.number}`;
  const seen = [
    "/",
    `/${REPO}`,
    at,
    `${at}/checks`,
    `${at}/files`,
    `${path}/checks?check_run_id=${id}`,
    `/${REPO}/runs/${id}`,
  ];
  for (const one of [...seen, `/${REPO}/commit/${pull.headSha}`]) {
    const { status, text, headers } = await wendy.get(one);
    expect([one, status]).toEqual([one, 200]);
    expect(text).not.toMatch(/<(?:script>|img src=x|svg)/);
    expect(text.match(/<script[^>]*>/g)).toEqual(['<script src="/_pages/live.js" defer>']);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});

test("a comment is written by who is signed in, and the App hears of it as it was typed", async () => {
  const wendy = await as("wendy");
  await wendy.get(path);
  const after = await wendy.press("Comment as wendy", { body: "/crabbox run\r\n```\r\nls\r\n```" });
  expect(after.url).toContain("#issuecomment-");
  const told = await receiver.waitFor(({ event, payload }) => {
    return event === "issue_comment" && (payload["comment"] as { body: string }).body.startsWith("/crabbox");
  });
  expect(told.payload).toMatchObject({
    action: "created",
    sender: { login: "wendy" },
    comment: { body: "/crabbox run\n```\nls\n```" },
  });
  const empty = await (await as("wendy")).get(path);
  expect(empty.text).toContain("Comment as wendy");
});

test("Re-run and a check's own buttons reach the App; readers have none, and cannot post them either", async () => {
  const id = await madeCheck();
  const wendy = await as("wendy");
  await wendy.get(`${path}/checks?check_run_id=${id}`);
  await wendy.press("Keep box");
  const pressed = await receiver.waitFor((row) => row.action === "requested_action");
  expect(pressed.payload).toMatchObject({
    requested_action: { identifier: "keep" },
    sender: { login: "wendy" },
  });
  await wendy.press("Re-run");
  await receiver.waitFor((row) => row.action === "rerequested" && row.event === "check_run");
  const rita = await as("rita");
  const seen = await rita.get(`${path}/checks?check_run_id=${id}`);
  expect(seen.text).toContain("For people with write access: Keep box");
  expect(seen.text).not.toContain("/rerequest");
  const stolen = { url: `/${REPO}/runs/${id}/rerequest`, label: "Sign out" };
  await rita.get(path);
  const refused = await rita.press(stolen.label, {}, stolen.url);
  expect(refused.status).toBe(403);
});

test("a stranger forks, opens a pull request from the fork, and may close it but not merge it", async () => {
  const rita = await as("rita");
  await rita.get(`/${REPO}`);
  const fork = await rita.press("Fork");
  expect(fork.url).toBe(`${stage.github.url}/rita/widgets`);
  const opened = await rita.press("Open pull request", {
    title: "From afar",
    branch: "far",
    file: "a/b.txt",
  });
  expect(opened.url).toContain(`/${REPO}/pull/`);
  expect(opened.text).toContain("rita:far");
  expect(opened.text).not.toContain(">Merge<");
  const told = await receiver.waitFor(({ payload }) => {
    const pull = payload["pull_request"] as { title?: string } | undefined;
    return payload["action"] === "opened" && pull?.title === "From afar";
  });
  expect(told.payload).toMatchObject({ pull_request: { head: { repo: { fork: true } } } });
  const merge = await rita.press("Sign out", {}, `${new URL(opened.url).pathname}/merge`);
  expect(merge.status).toBe(403);
  const wendy = await as("wendy");
  await wendy.get(opened.url);
  expect((await wendy.press("Merge")).text).toContain("Merged");
  const merged = await receiver.waitFor(({ payload }) => {
    return (payload["pull_request"] as { merged?: boolean } | undefined)?.merged === true;
  });
  expect(merged.payload).toMatchObject({ action: "closed", pull_request: { merged_by: { login: "wendy" } } });
});

test("a push moves the head; names that are none are refused", async () => {
  const wendy = await as("wendy");
  await wendy.get(path);
  for (const file of ["../x", ".git/config", "a//b", "/etc/passwd", 'a"b', "a\nb"]) {
    expect((await wendy.press("Push", { file })).status).toBe(422);
    await wendy.get(path);
  }
  const after = await wendy.press("Push", { file: "docs/NOTES.md", content: "hello" });
  expect(after.text).toContain("Change docs/NOTES.md");
  await receiver.waitFor((row) => row.event === "pull_request" && row.action === "synchronize");
  const number = Number(path.split("/").at(-1));
  expect((await stage.github.control.getPull({ repo: REPO, number })).headSha).not.toBe(headSha);
});

test("labels and draft are a writer's to change", async () => {
  const wendy = await as("wendy");
  await wendy.get(path);
  expect((await wendy.press("Add", { label: "try me" })).text).toContain(">try me<");
  await receiver.waitFor((row) => row.action === "labeled");
  expect((await wendy.press("Convert to draft")).text).toContain(">Draft<");
  await receiver.waitFor((row) => row.action === "converted_to_draft");
  await wendy.press("Ready for review");
  expect((await wendy.press("Remove try me")).text).not.toContain(">try me<");
  const rita = await as("rita");
  await rita.get(path);
  expect((await rita.press("Sign out", { label: "x" }, `${path}/labels`)).status).toBe(403);
});
