import { describe, expect, it } from "vitest";
import { DEFAULT_KEEP, LEASE_MARGIN_MS, planTask, UNFINISHED, type PlanInput } from "../../app/runs/plan.ts";
import type { Box, Lease, Repository, Run } from "../../app/store/rows.ts";

const SHA = "a".repeat(40);
const HYDRATE = { plan: null, archives: [], fingerprint: "f".repeat(64) };
const hydratedWith = (fingerprint: string) => ({ hydrated: { fingerprint, at: 1, sha: SHA } }) as Box;

function plan(set: Partial<PlanInput> = {}) {
  return planTask({
    run: {
      id: "run_1",
      checkoutSha: SHA,
      pullRequest: 7,
      commandKind: "line",
      command: "npm test",
      options: { class: "standard", timeoutMs: 60_000, ttlMs: 1, idleMs: 1 },
    } as unknown as Run,
    repository: { owner: "acme", name: "shop" } as Repository,
    attempt: { id: "att_1" },
    lease: { expiresAt: 10_000_000 } as Lease,
    box: { hydrated: null } as Box,
    hydrate: HYDRATE,
    capabilities: { snapshot: false, reach: "direct", sandbox: "bwrap" },
    webUrl: "https://github.com/",
    env: { REGION: "eu" },
    logCapBytes: 1,
    now: 0,
    ...set,
  });
}

describe("planTask", () => {
  it("names remote, commit and command, and carries no secret", () => {
    expect(plan()).toMatchObject({
      id: "att_1",
      sync: { remote: "https://github.com/acme/shop.git", sha: SHA },
      hydrate: HYDRATE,
      execute: { kind: "line", text: "npm test" },
      env: { REGION: "eu", CI: "true", CRABBOX_PULL_REQUEST: "7", CRABBOX_SHA: SHA },
      sandbox: "bwrap",
      deadlineAt: 60_000,
    });
    expect(Object.keys(plan())).not.toContain("syncToken");
  });

  it("ends before its lease does", () => {
    expect(plan({ lease: { expiresAt: 70_000 } as Lease }).deadlineAt).toBe(70_000 - LEASE_MARGIN_MS);
  });

  it("hydrates once, and keeps only what this very set-up made", () => {
    const again = plan({ box: hydratedWith(HYDRATE.fingerprint) });
    expect(again).not.toHaveProperty("hydrate");
    expect(again).toMatchObject({ hydrated: HYDRATE.fingerprint, sync: { keep: DEFAULT_KEEP } });
    const other = plan({ box: hydratedWith("e".repeat(64)) });
    expect(other).toMatchObject({ hydrate: HYDRATE, sync: { keep: [] } });
    expect(other).not.toHaveProperty("hydrated");
  });

  it("keeps what the repository's file names as well, while the set-up counts as done", () => {
    const options = { class: "standard", timeoutMs: 60_000, ttlMs: 1, idleMs: 1, keep: ["vendor", "dist"] };
    const run = {
      id: "run_1",
      checkoutSha: SHA,
      commandKind: "line",
      command: "x",
      options,
    } as unknown as Run;
    const again = plan({ run, box: hydratedWith(HYDRATE.fingerprint) });
    expect(again.sync?.keep).toEqual([...DEFAULT_KEEP, "vendor", "dist"]);
    expect(plan({ run, box: hydratedWith("e".repeat(64)) }).sync?.keep).toEqual([]);
  });

  it("does again what was not finished, with nothing of it kept, also when there is no set-up any more", () => {
    const box = hydratedWith(UNFINISHED);
    expect(plan({ box })).toMatchObject({ hydrate: HYDRATE, sync: { keep: [] } });
    expect(plan({ box, hydrate: null })).toMatchObject({ hydrate: { plan: null }, sync: { keep: [] } });
  });

  it("takes back what earlier set-up steps left when there are none any more", () => {
    expect(plan({ hydrate: null, box: hydratedWith("e".repeat(64)) })).toMatchObject({
      hydrate: { plan: null, fingerprint: "none" },
      sync: { keep: [] },
    });
    expect(plan({ hydrate: null })).toMatchObject({ sync: { keep: DEFAULT_KEEP } });
    expect(plan({ hydrate: null })).not.toHaveProperty("hydrate");
  });

  it("of a whole job has it in the command's stead, on a clean tree, whatever prepared the box", () => {
    const job = { jobs: {}, archives: [] } as unknown as NonNullable<PlanInput["job"]>;
    const task = plan({ job, hydrate: null, box: hydratedWith("e".repeat(64)) });
    expect(task).toMatchObject({ job, sync: { keep: [] } });
    for (const key of ["execute", "hydrate", "hydrated"]) expect(task).not.toHaveProperty(key);
  });
});
