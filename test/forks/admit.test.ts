import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../app/errors.ts";
import { admitUntrusted, type AdmitDeps, type PullNow } from "../../app/forks/admit.ts";
import { forkPolicyOf, type ForkSettings } from "../../app/forks/policy.ts";
import type { Role } from "../../app/github/permissions.ts";
import type { Repository, Run } from "../../app/store/rows.ts";
import { newRun, openFixture, type Fixture } from "../store/fixture.ts";

const SHA = "a".repeat(40);
const PULL: PullNow = {
  number: 7,
  state: "open",
  author: { login: "frida" },
  headSha: SHA,
  headRef: "theirs",
  headRepositoryId: 900,
  fork: true,
  baseRef: "main",
  repository: { id: 11, ownerId: 1, private: true, archived: false },
};
const REPOSITORY: Repository = {
  id: 11,
  accountId: 1,
  owner: "owner-1",
  name: "shop",
  defaultBranch: "main",
  private: true,
};

let fixture: Fixture;
let run: Run;
let now: PullNow;
let roles: Record<string, Role>;
let settings: ForkSettings;
let team: readonly string[];
let failure: AppError | null;
beforeEach(async () => {
  fixture = await openFixture();
  now = PULL;
  roles = { wanda: "write", walt: "write" };
  settings = { policy: "approve", bases: [] };
  team = [];
  failure = null;
  const { runs } = fixture.store;
  run = (await runs.create(newRun({ headRepositoryId: 900, trustDomain: "11:fork:7" }))).run;
  expect(run.state).toBe("held");
});
afterEach(() => fixture.end());

function admit() {
  const deps: AdmitDeps = {
    store: fixture.store,
    pullRequest: async () => {
      if (failure !== null) throw failure;
      return now;
    },
    role: async (_repository, { login }) => roles[login] ?? "none",
    inTeam: async (_repository, _team, login) => team.includes(login),
    forkPolicy: async (repository) => forkPolicyOf(settings)(repository),
  };
  return admitUntrusted(deps, run, REPOSITORY);
}

let grants = 0;
const approve = (actor = "wanda", change: object = {}) =>
  fixture.store.approvals.grant({
    sourceKey: `approval-${grants++}`,
    repositoryId: 11,
    pullRequest: 7,
    sha: SHA,
    headRepositoryId: 900,
    baseRef: "main",
    private: true,
    actor,
    actorId: 42,
    ...change,
  });

describe("a run of untrusted code at its claim", () => {
  it("starts when everything is as it was approved", async () => {
    const { released } = await approve();
    expect(released).toMatchObject([{ id: run.id, state: "queued", queuedAt: fixture.clock.now() }]);
    expect(await admit()).toEqual({ kind: "admitted", by: "wanda" });
  });

  it("never starts without an approval of exactly this", async () => {
    expect(await admit()).toMatchObject({ kind: "refused", outcome: "refused" });
    for (const change of [
      { sha: "b".repeat(40) },
      { headRepositoryId: 901 },
      { baseRef: "old" },
      { pullRequest: 8 },
      { repositoryId: 12 },
    ]) {
      const { released } = await approve("wanda", change);
      expect(released).toEqual([]);
      expect(await admit()).toMatchObject({ kind: "refused" });
    }
    expect((await fixture.store.runs.get(run.id))?.state).toBe("held");
  });

  it.each<readonly [string, Partial<PullNow>, "refused" | "superseded", string]>([
    ["pushed to", { headSha: "b".repeat(40) }, "superseded", "b".repeat(40)],
    ["closed", { state: "closed" }, "refused", "closed"],
    ["retargeted to another branch", { baseRef: "old" }, "refused", "now goes to"],
    ["from a deleted fork", { headRepositoryId: null }, "refused", "deleted"],
    ["from another repository", { headRepositoryId: 901 }, "refused", "another repository"],
    ["no fork's any more", { fork: false }, "refused", "elsewhere"],
    [
      "in an archived repository",
      { repository: { ...PULL.repository, archived: true } },
      "refused",
      "archived",
    ],
    [
      "in a public repository",
      { repository: { ...PULL.repository, private: false } },
      "refused",
      "made public",
    ],
    [
      "in a transferred repository",
      { repository: { ...PULL.repository, ownerId: 2 } },
      "refused",
      "transferred",
    ],
    [
      "in another repository of the name",
      { repository: { ...PULL.repository, id: 99 } },
      "refused",
      "replaced",
    ],
  ])("ends when its pull request is %s", async (_name, change, outcome, word) => {
    await approve();
    now = { ...PULL, ...change };
    const admission = await admit();
    expect(admission).toMatchObject({ kind: "refused", outcome });
    expect(JSON.stringify(admission)).toContain(word);
  });

  it("ends when who approved may not write any more, unless another writer approved too", async () => {
    await approve("walt");
    await approve("wanda");
    roles["wanda"] = "read";
    expect(await admit()).toEqual({ kind: "admitted", by: "walt" });
    roles["walt"] = "none";
    expect(await admit()).toMatchObject({
      kind: "refused",
      detail: { message: expect.stringMatching(/wanda.*no write access/u) },
    });
  });

  it("follows the policy of this moment", async () => {
    await approve();
    settings = { policy: "never", bases: [] };
    expect(await admit()).toMatchObject({ kind: "refused" });
    settings = { policy: "approve_team", team: "owner-1/readers", bases: [] };
    expect(await admit()).toMatchObject({
      kind: "refused",
      detail: { message: expect.stringContaining("owner-1/readers") },
    });
    team = ["wanda"];
    expect(await admit()).toEqual({ kind: "admitted", by: "wanda" });
  });

  it("ends when the installation is suspended, as the App knows it or as GitHub says it", async () => {
    await approve();
    failure = new AppError("not_allowed", "suspended", "resume");
    expect(await admit()).toMatchObject({
      kind: "refused",
      detail: { message: expect.stringContaining("does not show") },
    });
    failure = null;
    const { installationId } = (await fixture.store.accounts.get(1)) ?? { installationId: null };
    await fixture.store.accounts.mark(1, installationId, "suspended", fixture.clock.now());
    expect(await admit()).toMatchObject({
      kind: "refused",
      detail: { message: expect.stringContaining("suspended") },
    });
  });

  it("guesses nothing while GitHub cannot be asked", async () => {
    await approve();
    failure = new AppError("github_failed", "down", "wait");
    await expect(admit()).rejects.toBe(failure);
  });

  it("of the merge of the approved commit is covered, of another commit's is not", async () => {
    await approve();
    const merge = { headRepositoryId: 900, trustDomain: "11:fork:7", checkoutSha: "c".repeat(40) };
    expect((await fixture.store.runs.create(newRun(merge))).run.state).toBe("queued");
    const other = newRun({ ...merge, headSha: "d".repeat(40) });
    expect((await fixture.store.runs.create(other)).run.state).toBe("held");
  });
});
