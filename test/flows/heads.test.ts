import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, REPO, WRITER, type Stage } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { checkNamed, metric, reactionsOf } from "./looks.ts";

/** Long enough to push or delete while a box fetches. */
const SLOW_GIT_MS = 3_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage({ settings: { limits: { concurrency: 1 } } });
});
afterAll(() => stage.close());

async function pullFrom(branch: string): Promise<number> {
  const { control } = stage.github;
  await control.pushCommit({ repo: REPO, branch, login: WRITER, parent: "main", files: { "b.txt": branch } });
  const title = `From ${branch}`;
  return (await control.openPull({ repo: REPO, login: WRITER, title, head: branch, base: "main" })).number;
}

const commentOn = (number: number, body: string) =>
  stage.github.control.comment({ repo: REPO, number, login: WRITER, body });

test("one run at a time, the others wait with their place; a push ends what waits and leaves what runs", async () => {
  const { control } = stage.github;
  const number = await pullFrom("queue");
  await commentOn(number, "/crabbox run -- echo first; sleep 15");
  await checkNamed(stage, "echo first", "in_progress");
  // One after the other: GitHub's deliveries keep no order.
  await commentOn(number, "/crabbox run -- echo second");
  expect((await checkNamed(stage, "echo second", "queued")).output.title).toBe("Queued, position 1");
  await commentOn(number, "/crabbox run -- echo third");
  expect((await checkNamed(stage, "echo third", "queued")).output.title).toBe("Queued, position 2");
  await control.pushCommit({ repo: REPO, branch: "queue", login: WRITER, files: { "c.txt": "newer" } });
  for (const name of ["echo second", "echo third"]) {
    const check = await checkNamed(stage, name, "completed");
    expect(check.conclusion).toBe("cancelled");
    expect(check.output.summary).toContain("newer commit");
  }
  expect((await checkNamed(stage, "echo first", "completed")).conclusion).toBe("success");
});

test("a force-push between comment and sync changes nothing: the pinned commit runs", async () => {
  const { control } = stage.github;
  const number = await pullFrom("forced");
  const { sha: pinned } = await control.branchSha({ repo: REPO, branch: "forced" });
  await control.settings({ latency: { gitMs: SLOW_GIT_MS } });
  await commentOn(number, "/crabbox run -- git rev-parse HEAD; cat b.txt");
  await checkNamed(stage, "rev-parse", "in_progress");
  const { sha } = await control.branchSha({ repo: REPO, branch: "main" });
  await control.forcePush({ repo: REPO, branch: "forced", sha: sha ?? "", login: WRITER });
  await control.settings({ latency: { gitMs: 0 } });
  const check = await checkNamed(stage, "rev-parse", "completed");
  expect(check).toMatchObject({ conclusion: "success", headSha: pinned });
  expect(check.output.text).toContain(pinned);
  expect(check.output.text).toContain("forced");
});

test("a deleted head branch ends the pull request and its run; a later command is answered", async () => {
  const { control } = stage.github;
  const number = await pullFrom("deleted");
  await commentOn(number, "/crabbox run -- echo doomed; sleep 300");
  await checkNamed(stage, "echo doomed", "in_progress");
  await control.deleteBranch({ repo: REPO, branch: "deleted", login: WRITER });
  if ((await control.getPull({ repo: REPO, number })).state === "open")
    await control.closePull({ repo: REPO, number, login: WRITER });
  expect((await checkNamed(stage, "echo doomed", "completed")).conclusion).toBe("cancelled");
  const { id } = await commentOn(number, "/crabbox run -- echo afterwards");
  await until(async () => (await reactionsOf(stage, id)).includes("confused"), "the answer");
  const sticky = (await control.listComments({ repo: REPO, number })).at(-1)?.body ?? "";
  expect(sticky).toBeTruthy();
});

test("closing cancels, and gives the box back", async () => {
  const { control } = stage.github;
  const number = await pullFrom("closing");
  await commentOn(number, "/crabbox run -- echo closing; sleep 300");
  await checkNamed(stage, "echo closing", "in_progress");
  await control.closePull({ repo: REPO, number, login: WRITER });
  const check = await checkNamed(stage, "echo closing", "completed");
  expect(check.conclusion).toBe("cancelled");
  expect(check.output.summary).toContain("closed the pull request");
  await until(
    async () => (await metric(stage, 'crabbox_leases_live{state="active"}')) === 0,
    "the lease to end with its pull request",
  );
});

test("code of forks and of Dependabot is refused with the reason", async () => {
  const { control } = stage.github;
  await control.createAccount({ login: "frida" });
  await control.forkRepository({ repo: REPO, owner: "frida" });
  await control.pushCommit({
    repo: "frida/shop",
    branch: "theirs",
    login: "frida",
    parent: "main",
    files: { "evil.txt": "x" },
  });
  const fork = await control.openPull({
    repo: REPO,
    login: "frida",
    title: "From a fork",
    head: "theirs",
    base: "main",
    headRepo: "frida/shop",
  });
  const bots = await pullFrom("dependabot/npm/left-pad-2");
  const runs = (await stage.checks()).length;
  for (const [number, reason] of [
    [fork.number, "comes from a fork"],
    [bots, "Dependabot"],
  ] as const) {
    const { id } = await commentOn(number, "/crabbox run -- echo theirs");
    await until(async () => (await reactionsOf(stage, id)).includes("confused"), "the reaction");
    await until(
      async () =>
        (await control.listComments({ repo: REPO, number })).some(({ body }) => body.includes(reason)),
      `the reason: ${reason}`,
    );
  }
  expect((await stage.checks()).length).toBe(runs);
});
