import { afterEach, beforeEach, expect, it } from "vitest";
import { dispatch } from "../../app/commands/dispatch.ts";
import { pullRequestHolder } from "../../app/leases/lease.ts";
import { createIds } from "../../app/ids.ts";
import type { Run } from "../../app/store/rows.ts";
import { REPOSITORY, openWorld, type World } from "./world.ts";
import { activate } from "./world-leases.ts";
import { pressAs } from "./world-press.ts";

const JOE = { id: 34, login: "joe" };
const HALF_HOUR_MS = 30 * 60_000;

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(() => world.close());

async function begin(command = "make"): Promise<Run> {
  await dispatch(world.deps, world.comment(`/crabbox run -- ${command}`, { guid: `run-${command}` }));
  const [run] = await world.runs();
  if (run === undefined) throw new Error("no run");
  return run;
}

async function again(run: Run): Promise<Run> {
  return (await world.store.runs.get(run.id)) ?? run;
}

it("retry: two people, two tabs, the same delivery twice are one run", async () => {
  const run = await begin();
  await world.finish(run);
  const done = await again(run);
  expect(await pressAs(world, done, "retry", undefined, "twice")).toEqual({ kind: "answered", ok: true });
  expect(await pressAs(world, done, "retry", undefined, "twice")).toMatchObject({ ok: true });
  expect(await pressAs(world, done, "retry", JOE)).toMatchObject({ ok: true });
  const runs = await world.runs();
  expect(runs).toHaveLength(2);
  expect(runs[0]).toMatchObject({ retryOf: run.id, source: "button", actor: "mona", command: "make" });
  expect((await world.answers()).at(-1)).toContain(`is repeated by run \`${runs[0]?.id}\``);
});

it("retry: the run that was made has a button of its own", async () => {
  const run = await begin();
  await world.finish(run);
  await pressAs(world, await again(run), "retry");
  const [second] = await world.runs();
  if (second === undefined) throw new Error("no retry");
  await world.finish(second);
  await pressAs(world, await again(second), "retry");
  expect((await world.runs()).map(({ retryOf }) => retryOf)).toEqual([second.id, run.id, null]);
});

it("retry of a run that is still at work is answered as the command is", async () => {
  const run = await begin();
  expect(await pressAs(world, run, "retry")).toEqual({ kind: "answered", ok: false });
  expect((await world.answers()).at(-1)).toContain("has not ended yet");
});

it("cancel: by two people, one request; after the end an answer", async () => {
  const run = await begin();
  const other = await begin("other");
  expect(await pressAs(world, run, "cancel")).toEqual({ kind: "answered", ok: true });
  expect(await pressAs(world, run, "cancel", JOE)).toMatchObject({ ok: true });
  expect((await again(run)).cancel).toMatchObject({ outcome: "cancelled", by: "mona" });
  expect((await again(other)).cancel).toBeNull();
  await world.finish(other);
  expect(await pressAs(world, await again(other), "cancel")).toMatchObject({ ok: false });
  expect((await world.answers()).at(-1)).toContain("already ended");
});

it("keep: the box waits half an hour from the press", async () => {
  const run = await begin();
  const lease = await activate(world.store, await world.lease(pullRequestHolder(REPOSITORY.id, 5)));
  const attempt = createIds().attempt();
  await world.store.attempts.create({ id: attempt, runId: run.id, n: 1, leaseId: lease.id });
  await world.store.attempts.end(attempt, { exit: null, executed: true });
  await world.finish(run);
  world.outside.now += 50_000;
  expect(await pressAs(world, await again(run), "keep")).toEqual({ kind: "answered", ok: true });
  expect(await world.store.leases.get(lease.id)).toMatchObject({
    idleMs: HALF_HOUR_MS,
    idleSince: world.outside.now,
    expiresAt: lease.expiresAt,
  });
  expect((await world.answers()).at(-1)).toContain("waits `30m` for the next run, from now on");
  await world.store.leases.end(lease.id, "stopped");
  expect(await pressAs(world, await again(run), "keep")).toMatchObject({ ok: false });
  expect((await world.answers()).at(-1)).toContain("has ended (stopped)");
});

it("a reader is refused, once for everybody to see; GitHub is asked each time", async () => {
  const run = await begin();
  world.outside.role = "read";
  world.outside.calls.length = 0;
  for (const button of ["cancel", "cancel", "retry"])
    expect(await pressAs(world, run, button, JOE)).toEqual({ kind: "not_allowed", why: "role" });
  expect(world.outside.calls.filter((call) => call === "role joe")).toHaveLength(3);
  expect((await again(run)).cancel).toBeNull();
  const refusals = (await world.answers()).filter((answer) => answer.includes("write access"));
  expect(refusals).toEqual(["The buttons need write access to this repository; you have `read`."]);
});

it("a bot that is not listed and our own App are nobody", async () => {
  const run = await begin();
  world.outside.calls.length = 0;
  expect(await pressAs(world, run, "cancel", { ...JOE, type: "Bot" })).toEqual({
    kind: "not_allowed",
    why: "bot",
  });
  expect(world.outside.calls).toEqual([]);
  expect((await again(run)).cancel).toBeNull();
});

it("a button that nobody knows, or that means nothing here, is answered", async () => {
  const run = await begin();
  for (const identifier of ["", "stop", "`</details>@all", "keep", "x".repeat(255)])
    expect(await pressAs(world, run, identifier)).toEqual({ kind: "answered", ok: false });
  const answers = await world.answers();
  expect(answers).toHaveLength(5);
  for (const answer of answers) expect(answer).toContain("does nothing for run");
  expect(answers[2]).toMatch(/^The button `` `<\/details>.*all `` does nothing/u);
});
