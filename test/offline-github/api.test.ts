import { afterAll, beforeAll, expect, test } from "vitest";
import { REPO, openPull, openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
let stage: Stage;
let pull: { number: number; headSha: string };

beforeAll(async () => {
  stage = await openStage();
  pull = await openPull(stage);
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

test("the App sees itself, its installation and its repositories", async () => {
  const app = await stage.app.rest.apps.getAuthenticated();
  expect(app.data?.id).toBe(stage.github.appId);
  const { data: installations } = await stage.app.rest.apps.listInstallations();
  expect(installations.map((row) => row.id)).toEqual([stage.installationId]);
  const { data: byRepo } = await stage.app.rest.apps.getRepoInstallation(at);
  expect(byRepo.id).toBe(stage.installationId);
  await stage.app.rest.apps.getInstallation({ installation_id: stage.installationId });
  const { data } = await stage.octokit.rest.apps.listReposAccessibleToInstallation();
  expect(data.repositories.map((row) => row.full_name)).toEqual([REPO]);
});

test("repository, by name and by id, whatever the case", async () => {
  const { data } = await stage.octokit.rest.repos.get(at);
  const byId = await stage.octokit.request("GET /repositories/{id}", { id: data.id });
  expect((byId.data as { full_name: string }).full_name).toBe(REPO);
  const loud = await stage.octokit.rest.repos.get({ owner: "ACME", repo: "Widgets" });
  expect(loud.data.id).toBe(data.id);
});

test("pull requests: get, list, files, as an issue", async () => {
  const { data } = await stage.octokit.rest.pulls.get({ ...at, pull_number: pull.number });
  expect(data.head.sha).toBe(pull.headSha);
  expect(data).toMatchObject({ state: "open", mergeable: true, changed_files: 1, commits: 1, additions: 1 });
  const list = await stage.octokit.rest.pulls.list({ ...at, head: "acme:feature" });
  expect(list.data.map((row) => row.number)).toEqual([pull.number]);
  const files = await stage.octokit.rest.pulls.listFiles({ ...at, pull_number: pull.number });
  expect(files.data[0]).toMatchObject({
    filename: "feature.txt",
    status: "added",
    patch: "@@ -0,0 +1 @@\n+feature",
  });
  const issue = await stage.octokit.rest.issues.get({ ...at, issue_number: pull.number });
  expect(issue.data.pull_request?.url).toContain(`/pulls/${pull.number}`);
});

test("contents: file, raw, folder, by branch and SHA, missing", async () => {
  const path = ".github/crabbox.yml";
  const { data } = await stage.octokit.rest.repos.getContent({ ...at, path, ref: pull.headSha });
  expect(data).toMatchObject({ type: "file", encoding: "base64", name: "crabbox.yml" });
  const raw = await stage.octokit.rest.repos.getContent({ ...at, path, mediaType: { format: "raw" } });
  expect(raw.data).toBe("version: 1\n");
  const folder = await stage.octokit.rest.repos.getContent({ ...at, path: "", ref: "feature" });
  expect((folder.data as { name: string }[]).map((row) => row.name)).toContain("feature.txt");
  const gone = stage.octokit.rest.repos.getContent({ ...at, path: "no.txt" });
  await expect(gone).rejects.toMatchObject({ status: 404 });
});

test("commits, trees, refs", async () => {
  const { data } = await stage.octokit.rest.repos.getCommit({ ...at, ref: "feature" });
  expect(data.sha).toBe(pull.headSha);
  expect(data.files?.map((file) => file.filename)).toEqual(["feature.txt"]);
  const root = await stage.octokit.rest.repos.getCommit({ ...at, ref: "main" });
  expect(root.data.parents).toEqual([]);
  const tree = await stage.octokit.rest.git.getTree({ ...at, tree_sha: pull.headSha, recursive: "1" });
  expect(tree.data.tree.map((row) => row.path)).toContain("src/a.txt");
  const ref = await stage.octokit.rest.git.getRef({ ...at, ref: "heads/feature" });
  expect(ref.data.object.sha).toBe(pull.headSha);
  const bad = stage.octokit.rest.repos.getCommit({ ...at, ref: "0".repeat(40) });
  await expect(bad).rejects.toMatchObject({ status: 422 });
});

test("permissions of people", async () => {
  const of = async (username: string) =>
    (await stage.octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username })).data.permission;
  expect(await of("wendy")).toBe("write");
  expect(await of("rita")).toBe("read");
  await stage.github.control.setRole({ repo: REPO, login: "rita", role: "maintain" });
  const { data } = await stage.octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: "rita" });
  expect(data).toMatchObject({ permission: "write", role_name: "maintain" });
  await stage.github.control.setRole({ repo: REPO, login: "rita", role: null });
});

test("comments and reactions: create, edit, page, react twice, take back", async () => {
  const issue = { ...at, issue_number: pull.number };
  for (let n = 0; n < 5; n += 1)
    await stage.octokit.rest.issues.createComment({ ...issue, body: `note ${n}` });
  const pages = await stage.octokit.paginate(stage.octokit.rest.issues.listComments, {
    ...issue,
    per_page: 2,
  });
  expect(pages.map((row) => row.body)).toEqual([0, 1, 2, 3, 4].map((n) => `note ${n}`));
  expect(pages[0]?.performed_via_github_app?.id).toBe(stage.github.appId);
  expect(pages[0]?.user).toMatchObject({ type: "Bot", login: `${stage.github.appSlug}[bot]` });
  const comment_id = pages[0]?.id ?? 0;
  await stage.octokit.rest.issues.updateComment({ ...at, comment_id, body: "changed" });
  const { data } = await stage.octokit.rest.issues.getComment({ ...at, comment_id });
  expect(data.body).toBe("changed");
  const eyes = { ...at, comment_id, content: "eyes" } as const;
  const first = await stage.octokit.rest.reactions.createForIssueComment(eyes);
  const second = await stage.octokit.rest.reactions.createForIssueComment(eyes);
  expect([first.status, second.status, second.data.id]).toEqual([201, 200, first.data.id]);
  const reaction_id = first.data.id;
  await stage.octokit.rest.reactions.deleteForIssueComment({ ...at, comment_id, reaction_id });
  const left = await stage.octokit.rest.reactions.listForIssueComment({ ...at, comment_id });
  expect(left.data).toEqual([]);
  const edits = await stage.github.control.listCommentEdits({ commentId: comment_id });
  expect(edits.map((edit) => [edit.before, edit.after])).toEqual([["note 0", "changed"]]);
});

test("checks: create, update, list, annotations, suite", async () => {
  const { checks } = stage.octokit.rest;
  const made = await checks.create({ ...at, name: "crabbox", head_sha: pull.headSha, external_id: "run_1" });
  expect(made.data).toMatchObject({ status: "queued", conclusion: null, external_id: "run_1" });
  expect(made.data.pull_requests.map((row) => row.number)).toEqual([pull.number]);
  const check_run_id = made.data.id;
  const annotation = {
    path: "feature.txt",
    start_line: 1,
    end_line: 1,
    annotation_level: "failure" as const,
    message: "bad",
  };
  const output = { title: "Working", summary: "so far", annotations: [annotation] };
  await checks.update({ ...at, check_run_id, status: "in_progress", output });
  const done = await checks.update({ ...at, check_run_id, conclusion: "success", output });
  expect(done.data).toMatchObject({ status: "completed", conclusion: "success" });
  const notes = await checks.listAnnotations({ ...at, check_run_id });
  expect(notes.data.length).toBe(2);
  await checks.create({ ...at, name: "crabbox", head_sha: pull.headSha, status: "in_progress" });
  const latest = await checks.listForRef({ ...at, ref: "feature", check_name: "crabbox" });
  const all = await checks.listForRef({
    ...at,
    ref: pull.headSha,
    filter: "all",
    app_id: stage.github.appId,
  });
  expect([latest.data.total_count, all.data.total_count]).toEqual([1, 2]);
  const suite = await checks.getSuite({ ...at, check_suite_id: made.data.check_suite?.id ?? 0 });
  expect(suite.data).toMatchObject({
    status: "in_progress",
    latest_check_runs_count: 2,
    head_sha: pull.headSha,
  });
  const again = await checks.rerequestRun({ ...at, check_run_id });
  expect(again.status).toBe(201);
});

test("rate limit, meta, users", async () => {
  const { data } = await stage.octokit.rest.rateLimit.get();
  expect(data.rate.limit).toBe(5000);
  expect(data.rate.used).toBeGreaterThan(0);
  await stage.octokit.rest.meta.get();
  const user = await stage.octokit.rest.users.getByUsername({ username: `${stage.github.appSlug}[bot]` });
  expect(user.data.type).toBe("Bot");
});
