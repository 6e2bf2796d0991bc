import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ids, newRun, openFixture, sql, type Fixture } from "./fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.end());

describe("rows come back as they were put", () => {
  it("accounts: renamed, reinstalled, suspended", async () => {
    const { accounts, events } = fixture.store;
    const first = { id: 50, login: "one", type: "User", installationId: 900 };
    const row = { ...first, suspendedAt: null, removedAt: null };
    expect(await accounts.upsert(first)).toEqual(row);
    expect(await accounts.upsert({ ...first, login: "two", installationId: null })).toEqual({
      ...row,
      login: "two",
    });
    expect(await accounts.upsert({ ...first, installationId: 901 })).toMatchObject({ installationId: 901 });
    expect(await accounts.mark(50, 901, "suspended", 77)).toBe(true);
    expect(await accounts.get(50)).toMatchObject({ installationId: 901, suspendedAt: 77 });
    expect(await accounts.mark(50, 901, "suspended", null)).toBe(true);
    expect(await accounts.get(50)).toMatchObject({ suspendedAt: null });
    // The end of an older installation, told late.
    expect(await accounts.mark(50, 900, "removed", 78)).toBe(false);
    expect(await accounts.get(50)).toMatchObject({ removedAt: null });
    expect(await accounts.mark(50, 901, "removed", 79)).toBe(true);
    expect(await accounts.upsert({ ...first, installationId: 902 })).toMatchObject({ removedAt: null });
    const types = (await events.of("account", "50", 10)).map((event) => event.type);
    expect(types).toEqual(["reinstalled", "suspended", "not_suspended", "removed", "reinstalled"]);
  });

  it("repositories: booleans, renames; one of an unknown account is refused", async () => {
    const { repositories } = fixture.store;
    const row = {
      id: 60,
      accountId: 1,
      owner: "owner-1",
      name: "a",
      defaultBranch: "main",
      private: true,
    };
    await repositories.upsert(row);
    expect(await repositories.get(60)).toEqual(row);
    await repositories.upsert({ ...row, name: "b", private: false });
    expect(await repositories.get(60)).toEqual({ ...row, name: "b", private: false });
    expect(await repositories.get(61)).toBeNull();
    await expect(repositories.upsert({ ...row, id: 61, accountId: 999 })).rejects.toMatchObject({
      code: "store_failed",
    });
  });

  it("runs: every field, nulls and text as it is", async () => {
    const { runs } = fixture.store;
    const plain = newRun();
    await runs.create(plain);
    const odd = newRun({
      pullRequest: null,
      commentId: null,
      retryOf: plain.id,
      source: "rerun",
      commandKind: "script",
      command: "echo '\u202e\u0007 \"x\" ☃'\n",
      actorId: 2 ** 40,
      options: { class: "beast", provider: "static-ssh", timeoutMs: 1, ttlMs: 2, idleMs: 3 },
    });
    const { run, created } = await runs.create(odd);
    expect(created).toBe(true);
    expect(run).toEqual({
      ...odd,
      state: "queued",
      outcome: null,
      detail: null,
      cancel: null,
      createdAt: fixture.clock.now(),
      queuedAt: null,
      startedAt: null,
      endedAt: null,
      claimFence: null,
    });
    expect(await runs.get(odd.id)).toEqual(run);
    expect(await runs.get(ids.run())).toBeNull();
  });

  it("lists of runs keep their order and their filters", async () => {
    const { runs } = fixture.store;
    const made = [];
    for (let n = 0; n < 3; n += 1)
      made.push(newRun({ accountId: 3, pullRequest: 90 + (n % 2), headSha: "c".repeat(40) }));
    for (const run of made) await runs.create(run);
    const idsOf = (list: readonly { id: string }[]) => list.map((run) => run.id);
    const all = idsOf(made);
    expect(idsOf(await runs.ofHead(13, "c".repeat(40)))).toEqual(all);
    expect(idsOf(await runs.ofPullRequest(13, 90, 5))).toEqual([all[2], all[0]]);
    expect(idsOf(await runs.ofPullRequest(13, 90, 1))).toEqual([all[2]]);
    expect(idsOf(await runs.unfinished({ accountId: 3 }))).toEqual(all);
    expect(idsOf(await runs.unfinished({ repositoryId: 13, pullRequest: 91 }))).toEqual([all[1]]);
    for (const run of made) {
      await runs.change(run.id, "queued", "reporting", { outcome: "cancelled" });
      await runs.change(run.id, "reporting", "done");
    }
    expect(await runs.unfinished({ accountId: 3 })).toEqual([]);
    const later = fixture.clock.now() + 1;
    expect(await runs.endedBefore(later, 2)).toHaveLength(2);
    await runs.logRemoved(made[0]?.id ?? ids.run());
    expect(idsOf(await runs.endedBefore(later, 5))).toEqual(all.slice(1));
    expect(await runs.endedBefore(later - 1, 5)).toEqual([]);
    expect((await runs.counts()).done).toBe(3);
    expect(
      await runs.cancel(made[0]?.id ?? ids.run(), { outcome: "cancelled", by: "", reason: "", at: 1 }),
    ).toBeNull();
  });

  it("answers and log links", async () => {
    const { answers, logLinks, runs } = fixture.store;
    const answer = { key: "d:0", repositoryId: 11, pullRequest: 7, actor: "octo", body: "**hi**" };
    expect(await answers.put(answer)).toBe(true);
    expect(await answers.put({ ...answer, body: "again" })).toBe(false);
    await answers.put({ ...answer, key: "d:1", body: "later" });
    expect((await answers.latest(11, 7, 5)).map((one) => one.body)).toEqual(["later", "**hi**"]);
    expect(await answers.latest(11, 8, 5)).toEqual([]);
    const { run } = await runs.create(newRun());
    const token = ids.token(32);
    await logLinks.put(token, run.id, 1_000);
    expect(await logLinks.resolve(token, 999)).toBe(run.id);
    expect(await logLinks.resolve(token, 1_000)).toBeNull();
    expect(await logLinks.resolve(`${token}x`, 0)).toBeNull();
  });

  it("events: the newest, in order", async () => {
    const { events } = fixture.store;
    for (let n = 0; n < 5; n += 1)
      await events.append({ subject: "run", subjectId: "r", type: `t${n}`, data: { n } });
    const some = await events.of("run", "r", 3);
    expect(some.map(({ type, data }) => ({ type, data }))).toEqual([
      { type: "t2", data: { n: 2 } },
      { type: "t3", data: { n: 3 } },
      { type: "t4", data: { n: 4 } },
    ]);
  });
});

describe("a row that other hands have spoilt", () => {
  it("is named, and the others still work", async () => {
    const { runs } = fixture.store;
    const spoilt = newRun({ accountId: 2 });
    await runs.create(spoilt);
    const good = newRun({ accountId: 2 });
    await runs.create(good);
    await sql(fixture.path, "update run set options = '{' where id = ?", [spoilt.id]);
    const failure = await runs.get(spoilt.id).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "store_failed" });
    expect(String(failure)).toContain(`"options" of run ${spoilt.id}`);
    expect(await runs.get(good.id)).toMatchObject({ id: good.id });
  });
});
