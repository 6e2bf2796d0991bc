import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { launchGitHub } from "../../demo/github/launch.ts";
import { REPO, installationClient, openPull, openStage } from "./stage.ts";

const run = promisify(execFile);
const at = { owner: "acme", repo: "widgets" };

test("started again on its folder, it goes on", async () => {
  const stage = await openStage();
  const stateDir = join(stage.dir, "state");
  try {
    const pull = await openPull(stage);
    const { data: check } = await stage.octokit.rest.checks.create({
      ...at,
      name: "c",
      head_sha: pull.headSha,
    });
    await stage.octokit.rest.issues.createComment({ ...at, issue_number: pull.number, body: "kept" });
    await stage.github.control.settings({ limits: { contentPerHour: 7 } });
    await stage.github.stop();
    const again = await launchGitHub({ stateDir });
    stage.github.stop = again.stop;
    expect([again.appId, again.privateKeyPem]).toEqual([stage.github.appId, stage.github.privateKeyPem]);
    const octokit = installationClient(again, stage.installationId);
    const { data } = await octokit.rest.checks.get({ ...at, check_run_id: check.id });
    expect(data.name).toBe("c");
    const comments = await octokit.rest.issues.listComments({ ...at, issue_number: pull.number });
    expect(comments.data.map((row) => row.body)).toEqual(["kept"]);
    const next = await octokit.rest.checks.create({ ...at, name: "d", head_sha: pull.headSha });
    expect(next.data.id).toBeGreaterThan(check.id);
    expect((await again.control.settings({})).limits.contentPerHour).toBe(7);
    expect(await again.control.listViolations({})).toEqual([]);
  } finally {
    await stage.stop();
  }
});

test("repositories from elsewhere: copied without a trace, or served from a folder", async () => {
  const dir = await mkdtemp(join(tmpdir(), "offline-github-root-"));
  const source = join(dir, "source");
  await mkdir(source);
  const git = async (...args: string[]): Promise<string> =>
    (await run("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: source })).stdout.trim();
  await git("init", "--quiet", "--initial-branch=trunk");
  for (const message of ["one", "two"]) await git("commit", "--quiet", "--allow-empty", "-m", message);
  const head = await git("rev-parse", "HEAD");
  await mkdir(join(dir, "root", "libs"), { recursive: true });
  await git("clone", "--quiet", "--bare", source, join(dir, "root", "libs", "part.git"));
  const refs = await git("for-each-ref");
  const stage = await openStage({ githubRoot: join(dir, "root") });
  try {
    const { control } = stage.github;
    const branches = { main: "HEAD^", change: "HEAD" };
    await control.createRepository({ owner: "acme", name: "copy", from: source, branches });
    const pull = await control.openPull({ repo: "acme/copy", login: "wendy", head: "change", title: "Two" });
    expect(pull.headSha).toBe(head);
    expect(await git("for-each-ref")).toBe(refs);
    const part = await run("git", ["ls-remote", `${stage.github.url}/libs/part.git`, "HEAD"]);
    expect(part.stdout).toContain(head);
    const { data } = await stage.octokit.rest.repos.getCommit({ owner: "libs", repo: "part", ref: "trunk" });
    expect(data.sha).toBe(head);
    expect(await control.listViolations({})).toEqual([]);
  } finally {
    await stage.stop();
    await rm(dir, { recursive: true, force: true });
  }
});

test("pages show the conversation, escaped", async () => {
  const stage = await openStage();
  try {
    const { number, headSha } = await openPull(stage);
    const body = "<script>alert(1)</script>";
    await stage.github.control.comment({ repo: REPO, number, login: "wendy", body });
    const { data } = await stage.octokit.rest.checks.create({ ...at, name: "crab", head_sha: headSha });
    const page = await (await fetch(`${stage.github.url}/${REPO}/pull/${number}`)).text();
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain(body);
    expect((await fetch(data.html_url ?? "")).status).toBe(200);
  } finally {
    await stage.stop();
  }
});

test("the control API answers nobody without its key", async () => {
  const stage = await openStage();
  try {
    const refused = await fetch(`${stage.github.url}/_control/wrong/info`, { method: "POST" });
    expect(refused.status).toBe(404);
    const unknown = await fetch(`${stage.github.controlUrl}/nothing`, { method: "POST" });
    expect(unknown.status).toBe(404);
  } finally {
    await stage.stop();
  }
});
