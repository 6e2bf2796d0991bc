import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { openPull, openStage } from "./stage.ts";
import type { Stage } from "./stage.ts";

const at = { owner: "acme", repo: "widgets" };
let stage: Stage;
let number = 0;

beforeAll(async () => {
  stage = await openStage();
  ({ number } = await openPull(stage));
});

afterEach(async () => {
  await stage.github.control.setFaults({ faults: [] });
  await stage.github.control.setKill({ kill: null });
});

afterAll(async () => {
  const violations = await stage.github.control.listViolations({});
  await stage.stop();
  expect(violations).toEqual([]);
});

const say = (body: string) => stage.octokit.rest.issues.createComment({ ...at, issue_number: number, body });
const said = async (): Promise<string[]> =>
  (await stage.github.control.listComments({})).map((comment) => comment.body);

test("the nth matching call, so many times", async () => {
  const { control } = stage.github;
  const path = "/issues/\\d+/comments$";
  await control.setFaults({ faults: [{ effect: "bad-gateway", method: "POST", path, nth: 2, times: 2 }] });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push(await say(`n${n}`).then(statusOf, statusOf));
  expect(statuses).toEqual([201, 502, 502, 201]);
  await stage.octokit.rest.repos.get(at);
  expect((await control.faultState({})).faults).toMatchObject([{ matched: 4, fired: 2 }]);
});

test("every kind of refusal", async () => {
  const expected = { secondary: 403, primary: 403, "too-many": 429, "server-error": 500 } as const;
  for (const [effect, status] of Object.entries(expected)) {
    await stage.github.control.setFaults({ faults: [{ effect: effect as keyof typeof expected }] });
    const failed = await say("refused").then(
      () => null,
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ status });
    const { headers } = (failed as { response: { headers: Record<string, string> } }).response;
    if (status === 429 || effect === "secondary") expect(headers["retry-after"]).toBe("60");
    if (effect === "primary") expect(headers["x-ratelimit-remaining"]).toBe("0");
  }
  expect(await said()).not.toContain("refused");
});

test("a closed socket before leaves nothing done; after, everything but the answer", async () => {
  const { control } = stage.github;
  await control.setFaults({ faults: [{ effect: "close-before" }] });
  await expect(say("before")).rejects.toThrow();
  await control.setFaults({ faults: [{ effect: "close-after" }] });
  await expect(say("after")).rejects.toThrow();
  const texts = await said();
  expect(texts).not.toContain("before");
  expect(texts).toContain("after");
});

test("hang and delay", async () => {
  const { control } = stage.github;
  await control.setFaults({ faults: [{ effect: "hang" }] });
  const hanging = fetch(`${stage.github.apiUrl}/meta`, { signal: AbortSignal.timeout(300) });
  await expect(hanging).rejects.toThrow();
  await control.setFaults({ faults: [{ effect: "delay", delayMs: 150 }] });
  const start = Date.now();
  await fetch(`${stage.github.apiUrl}/meta`);
  expect(Date.now() - start).toBeGreaterThanOrEqual(149);
});

for (const when of ["before", "after"] as const) {
  test(`kills a process at its nth call, ${when} it is done`, async () => {
    const { control } = stage.github;
    const victim = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    const ended = once(victim, "exit");
    await once(victim, "spawn");
    await control.resetCounts({});
    await control.setKill({ kill: { n: 2, when, pid: victim.pid ?? 0 } });
    await say(`first ${when}`);
    await expect(say(`second ${when}`)).rejects.toThrow();
    expect((await ended)[1]).toBe("SIGKILL");
    const texts = await said();
    expect(texts.includes(`second ${when}`)).toBe(when === "after");
    const { kill, calls } = await control.faultState({});
    expect(kill?.firedAt).toEqual({ method: "POST", path: `/repos/acme/widgets/issues/${number}/comments` });
    expect(calls).toEqual({ api: 2, git: 0 });
    await say(`third ${when}`);
  });
}

test("calls are written down with who, what and how long", async () => {
  await say("logged");
  const last = (await stage.github.control.listRequests({ kind: "api" })).at(-1);
  expect(last).toMatchObject({
    method: "POST",
    path: `/repos/acme/widgets/issues/${number}/comments`,
    route: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
    installationId: stage.installationId,
    status: 201,
  });
});

function statusOf(result: unknown): number {
  return (result as { status: number }).status;
}
