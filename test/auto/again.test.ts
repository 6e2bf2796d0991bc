import { afterEach, beforeEach, expect, it } from "vitest";
import { rerunRequested } from "../../app/commands/rerun-request.ts";
import type { Run } from "../../app/store/rows.ts";
import { BASE_TIP, HEAD, REPOSITORY } from "../commands/world.ts";
import { FILE, openAutoWorld, type AutoWorld } from "./world.ts";

let world: AutoWorld;
beforeEach(async () => {
  world = await openAutoWorld();
});
afterEach(() => world.close());

const MERGED = FILE.replace("{ command: unit }", "{ command: unit, merge: true }");
const SHA = "d".repeat(40);

async function newest(): Promise<Run> {
  const [run] = await world.runs();
  if (run === undefined) throw new Error("no run");
  return run;
}

/** Ends the newest run, asks for it again by GitHub's button, and answers what came of it. */
async function again(guid: string): Promise<readonly Run[]> {
  const run = await newest();
  if (run.state === "reporting") await world.store.runs.change(run.id, "reporting", "done");
  else await world.finish(run);
  const sender = { id: 33, login: "mona", type: "User", viaAppId: null };
  await rerunRequested(world.deps, {
    guid,
    installationId: 70,
    repository: REPOSITORY,
    sender,
    runs: [{ part: "0", run: { ...run, state: "done" } }],
  });
  return world.runs();
}

it("a required check is repeated with what the default branch says of it now", async () => {
  await world.trigger("g1");
  world.write(FILE.replace("make test, class: large", "make real-tests, timeout: 9m"));
  expect((await again("g2"))[0]).toMatchObject({
    checkName: "crabbox / unit",
    command: "make real-tests",
    options: { class: "standard", timeoutMs: 540_000 },
    source: "rerun",
  });
});

it("an entry that is gone is not repeated", async () => {
  await world.trigger("g1");
  world.write("commands: { unit: { run: make } }\n");
  expect(await again("g2")).toHaveLength(1);
  expect((await world.answers()).at(-1)).toContain("has no entry `unit` any more");
});

it("a conflict repeated is a conflict, never a test of the head alone", async () => {
  world.write(MERGED);
  world.outside.file.merge = { kind: "conflict" };
  await world.trigger("g1");
  expect((await again("g2"))[0]).toMatchObject({ outcome: "sync_failed", retryOf: expect.any(String) });
  world.outside.file.merge = { kind: "ready", sha: SHA, parents: [BASE_TIP, HEAD] };
  expect((await again("g3"))[0]).toMatchObject({ state: "queued", checkoutSha: SHA, baseSha: BASE_TIP });
});

it("the merge of an older head is not made up", async () => {
  world.write(MERGED);
  world.outside.file.merge = { kind: "ready", sha: SHA, parents: [BASE_TIP, HEAD] };
  await world.trigger("g1");
  world.outside.pullRequest = { ...world.outside.pullRequest, headSha: "e".repeat(40) };
  expect(await again("g2")).toHaveLength(1);
  expect((await world.answers()).at(-1)).toContain("older commit");
});
