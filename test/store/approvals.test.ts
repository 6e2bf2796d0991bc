import { afterEach, beforeEach, expect, it } from "vitest";
import type { NewApproval } from "../../app/store/approvals.ts";
import { newRun, openFixture, sql, type Fixture } from "./fixture.ts";

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.end());

const APPROVAL: NewApproval = {
  sourceKey: "guid:0",
  repositoryId: 11,
  pullRequest: 7,
  sha: "a".repeat(40),
  headRepositoryId: 900,
  baseRef: "main",
  private: false,
  actor: "wanda",
  actorId: 42,
};
const theirs = (set: object = {}) => newRun({ headRepositoryId: 900, trustDomain: "11:fork:7", ...set });

it("an approval and a run that come at the same moment never miss each other", async () => {
  const { runs, approvals } = fixture.store;
  for (let n = 0; n < 20; n += 1) {
    const sha = n.toString(16).padStart(40, "0");
    const set = { headSha: sha, checkoutSha: sha };
    const [first, , second] = await Promise.all([
      runs.create(theirs(set)),
      approvals.grant({ ...APPROVAL, sourceKey: `guid:${n}`, sha }),
      runs.create(theirs(set)),
    ]);
    for (const { run } of [first, second]) expect((await runs.get(run.id))?.state).toBe("queued");
  }
});

it("told twice it is the first one, and lets go what is held since", async () => {
  const { runs, approvals, events } = fixture.store;
  const { approval } = await approvals.grant(APPROVAL);
  const { run } = await runs.create(theirs({ baseRef: "old" }));
  await sql(fixture.path, "update run set base_ref = 'main' where id = ?", [run.id]);
  const again = await approvals.grant({ ...APPROVAL, actor: "somebody-else" });
  expect(again.approval).toEqual(approval);
  expect(again.released.map(({ id }) => id)).toEqual([run.id]);
  expect(await events.of("pull_request", "11#7", 10)).toHaveLength(1);
  expect((await events.of("run", run.id, 10)).map(({ type }) => type)).toEqual(["held", "queued"]);
});

it("a run that was asked to end stays where it is", async () => {
  const { runs, approvals } = fixture.store;
  const { run } = await runs.create(theirs());
  await runs.cancel(run.id, { outcome: "cancelled", by: "wanda", reason: "no", at: 1 });
  expect((await approvals.grant(APPROVAL)).released).toEqual([]);
  expect((await runs.get(run.id))?.state).toBe("held");
});

it("the repository's own branches are never held", async () => {
  const { run } = await fixture.store.runs.create(newRun());
  expect(run).toMatchObject({ state: "queued", queuedAt: null });
});
