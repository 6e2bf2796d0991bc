import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openPull, openStage, tokenClient } from "./stage.ts";
import type { Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
let stage: Stage;
let pull: { number: number; headSha: string };

beforeAll(async () => {
  stage = await openStage();
  pull = await openPull(stage);
});

beforeEach(async () => {
  await stage.github.control.clearViolations({});
  await stage.github.control.resetLimits({});
});

afterAll(() => stage.stop());

const create = (more: object) =>
  stage.octokit.request("POST /repos/{owner}/{repo}/check-runs", {
    ...at,
    name: "crabbox",
    head_sha: pull.headSha,
    ...more,
  });
const kinds = async (): Promise<string[]> =>
  (await stage.github.control.listViolations({})).map((violation) => violation.kind);

test("output: 65,535 bytes for summary and for text, counted as bytes", async () => {
  const fits = "é".repeat(32_767);
  await create({ output: { title: "t", summary: `${fits}x`, text: `${fits}x` } });
  for (const field of ["summary", "text"]) {
    const output = { title: "t", summary: "s", [field]: `${fits}xx` };
    const error = { resource: "CheckRun", field, message: `${field} exceeds a maximum bytesize of 65535` };
    await expect(create({ output })).rejects.toMatchObject({
      status: 422,
      response: { data: { message: "Validation Failed", errors: [error] } },
    });
  }
  expect(await kinds()).toEqual(["limit", "limit"]);
});

test("50 annotations a call, 3 buttons, and their lengths", async () => {
  const annotation = {
    path: "a",
    start_line: 1,
    end_line: 1,
    annotation_level: "notice" as const,
    message: "m",
  };
  const output = (count: number) => ({
    title: "t",
    summary: "s",
    annotations: Array.from({ length: count }, () => annotation),
  });
  const { data } = await create({ output: output(50) });
  await stage.octokit.request("PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}", {
    ...at,
    check_run_id: (data as { id: number }).id,
    output: output(50),
  });
  const listed = await stage.octokit.paginate(stage.octokit.rest.checks.listAnnotations, {
    ...at,
    check_run_id: (data as { id: number }).id,
    per_page: 100,
  });
  expect(listed.length).toBe(100);
  await expect(create({ output: output(51) })).rejects.toMatchObject({ status: 422 });
  const action = { label: "l".repeat(20), description: "d".repeat(40), identifier: "i".repeat(20) };
  await create({ actions: [action, action, action] });
  await expect(create({ actions: [action, action, action, action] })).rejects.toMatchObject({ status: 422 });
  for (const field of ["label", "description", "identifier"] as const) {
    const long = { ...action, [field]: `${action[field]}x` };
    await expect(create({ actions: [long] })).rejects.toMatchObject({ status: 422 });
  }
});

test("a body that GitHub's description does not allow is refused and recorded", async () => {
  await expect(create({ conclusion: "splendid" })).rejects.toMatchObject({ status: 422 });
  await expect(create({ output: { title: "t" } })).rejects.toMatchObject({ status: 422 });
  await expect(create({ status: "completed" })).rejects.toMatchObject({ status: 422 });
  await expect(create({ head_sha: "0".repeat(40) })).rejects.toMatchObject({ status: 422 });
  expect(await kinds()).toEqual(["request", "request"]);
});

test("comments of 65,536 characters and no more", async () => {
  const issue = { ...at, issue_number: pull.number };
  await stage.octokit.rest.issues.createComment({ ...issue, body: "x".repeat(65_536) });
  const long = stage.octokit.rest.issues.createComment({ ...issue, body: "x".repeat(65_537) });
  await expect(long).rejects.toMatchObject({ status: 422 });
});

test("what it does not know is a loud 501", async () => {
  const unknown = stage.octokit.request("GET /repos/{owner}/{repo}/releases", at);
  await expect(unknown).rejects.toMatchObject({ status: 501 });
  const [violation] = await stage.github.control.listViolations({});
  expect(violation).toMatchObject({ kind: "unknown-route", subject: "GET /repos/acme/widgets/releases" });
  const object = stage.octokit.rest.repos.getContent({ ...at, path: "", mediaType: { format: "object" } });
  await expect(object).rejects.toMatchObject({ status: 501 });
  const sorted = stage.octokit.rest.pulls.list({ ...at, sort: "popularity" });
  await expect(sorted).rejects.toMatchObject({ status: 501 });
  const outdated = stage.app.rest.apps.listInstallations({ outdated: "x" });
  await expect(outdated).rejects.toMatchObject({ status: 501 });
  const root = await fetch(`${stage.github.url}/orgs/acme/members`);
  expect(root.status).toBe(501);
});

test("primary limit: headers count down, then 403 until the reset", async () => {
  const { control } = stage.github;
  await control.settings({ limits: { primaryPerHour: 3 } });
  const left = [];
  for (let n = 0; n < 3; n += 1) {
    left.push((await stage.octokit.rest.repos.get(at)).headers["x-ratelimit-remaining"]);
  }
  expect(left).toEqual(["2", "1", "0"]);
  await expect(stage.octokit.rest.repos.get(at)).rejects.toMatchObject({
    status: 403,
    response: { headers: { "x-ratelimit-remaining": "0", "x-ratelimit-used": "3" } },
  });
  const { data } = await stage.octokit.rest.rateLimit.get();
  expect(data.rate).toMatchObject({ limit: 3, remaining: 0 });
  await control.settings({ limits: { primaryPerHour: 5_000 } });
});

test("secondary limits: points and content, with retry-after", async () => {
  const { control } = stage.github;
  const secondary = { status: 403, response: { headers: { "retry-after": "60" } } };
  await control.settings({ limits: { pointsPerMinute: 12 } });
  const update = async (id: number) =>
    stage.octokit.rest.issues.updateComment({ ...at, comment_id: id, body: "again" });
  const [comment] = await control.listComments({});
  await update(comment?.id ?? 0);
  await update(comment?.id ?? 0);
  await expect(update(comment?.id ?? 0)).rejects.toMatchObject(secondary);
  await stage.octokit.rest.repos.get(at);
  await control.settings({ limits: { pointsPerMinute: 900, contentPerMinute: 2 } });
  await control.resetLimits({});
  await create({});
  await create({});
  await expect(create({})).rejects.toMatchObject(secondary);
  await control.settings({ limits: { contentPerMinute: 80, contentPerHour: 1 } });
  await control.resetLimits({});
  await create({});
  await expect(create({})).rejects.toMatchObject(secondary);
  expect(await kinds()).toEqual(["limit", "limit", "limit"]);
  await control.settings({ limits: { contentPerHour: 500 } });
});

test("GitHub's own numbers: the 81st creation within a minute is one too many", async () => {
  for (let n = 0; n < 80; n += 1) await create({});
  await expect(create({})).rejects.toMatchObject({ status: 403 });
  const peaks = await stage.github.control.limitPeaks({});
  expect(peaks[`installation ${stage.installationId}`]).toMatchObject({ contentMinute: 80, points: 400 });
});

test("nobody has 60 calls an hour, and an unchanged answer is 304", async () => {
  const anonymous = tokenClient(stage.github);
  const { headers } = await anonymous.rest.repos.get(at);
  const same = { ...at, headers: { "if-none-match": headers.etag ?? "" } };
  await expect(anonymous.request("GET /repos/{owner}/{repo}", same)).rejects.toMatchObject({ status: 304 });
  for (let n = 0; n < 58; n += 1) await anonymous.rest.repos.get(at);
  await expect(anonymous.rest.repos.get(at)).rejects.toMatchObject({ status: 403 });
});
