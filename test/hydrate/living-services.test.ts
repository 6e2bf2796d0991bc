import { describe, expect, it } from "vitest";
import type { HydrateAsked } from "../../app/hydrate/hydrate-asked.ts";
import { setUpText } from "../../app/runs/report-facts.ts";
import { planTask, type PlanInput } from "../../app/runs/plan.ts";
import type { Attempt, Box, Lease, Repository, Run } from "../../app/store/rows.ts";
import { job, planned, setUpRoom, workflow } from "./set-up.ts";

const services = (ports: string): string => `    services: { redis: { image: redis, ports: [${ports}] } }\n`;
const fingerprints = async (steps: string, ports: string): Promise<readonly string[]> => {
  const { plan } = setUpRoom([job(steps, services(ports))]);
  const [one, other] = [await plan(), await plan({ id: "run_2" })];
  return [planned(one).phase.fingerprint, planned(other).phase.fingerprint];
};

function taskOn(phase: PlanInput["hydrate"], hydrated: Box["hydrated"]) {
  return planTask({
    run: {
      id: "run_1",
      checkoutSha: "a".repeat(40),
      pullRequest: 7,
      commandKind: "line",
      command: "npm test",
      options: { class: "standard", timeoutMs: 60_000, ttlMs: 1, idleMs: 1 },
    } as unknown as Run,
    repository: { owner: "acme", name: "shop" } as Repository,
    attempt: { id: "att_1" },
    lease: { expiresAt: 10_000_000 } as Lease,
    box: { hydrated } as Box,
    hydrate: phase,
    capabilities: { snapshot: false, reach: "direct", sandbox: "none" },
    webUrl: "https://github.com/",
    env: {},
    logCapBytes: 1,
    now: 0,
  });
}

describe("services of a set-up", () => {
  it("are told, and started again for the command where the box is prepared; the check says so", async () => {
    const container = "    container: node:24\n";
    const { plan } = setUpRoom([job("      - run: make\n", `${container}${services("'6379:6379'")}`)]);
    const { phase, notes, grants } = planned(await plan());
    expect(notes).toContain("These services run beside the command, too: redis.");
    expect(grants.token).toEqual(["contents"]);
    expect(taskOn(phase, null)).not.toHaveProperty("services");

    const hydrated = { fingerprint: phase.fingerprint, at: 1, sha: "b".repeat(40) };
    const task = taskOn(phase, hydrated);
    expect(task).toMatchObject({
      hydrated: phase.fingerprint,
      services: { steps: [], actions: {}, services: { redis: { image: "redis", ports: ["6379:6379"] } } },
    });
    expect(task.services).not.toHaveProperty("container");
    const attempt = { task, createdAt: 2, phases: {} } as unknown as Attempt;
    expect(setUpText({ options: {} } as Run, attempt, { hydrated } as Box)).toMatch(
      /^skipped: done on this box at .*; services started again: `redis`$/u,
    );
  });

  it("alone are a set-up", async () => {
    const tested = job("      - run: npm test\n", services("'6379:6379'"));
    expect(planned(await setUpRoom([tested]).plan()).job).toMatchObject({
      steps: [],
      services: { redis: { image: "redis" } },
    });
  });

  it.each([
    [
      "fixed ports",
      "echo ${{ job.services.redis.ports['6379'] }}",
      "'6379:6379', '127.0.0.1:7000:7000/tcp'",
      true,
    ],
    ["a chosen port that nobody reads", "echo ${{ job.status }}", "6379", true],
    ["a chosen port that steps read", "echo ${{ job.services.redis.ports['6379'] }}", "6379", false],
    ["a chosen port in the whole context", "echo ${{ toJSON(job) }}", "6379", false],
    ["a port that is computed", "echo ${{ job['services'] }}", "'${{ vars.PORT }}:6379'", false],
  ])(
    "with %s: done again for each run unless the next one can have the same",
    async (_, step, ports, isSame) => {
      const [one, other] = await fingerprints(`      - run: ${step}\n`, ports);
      expect(one === other).toBe(isSame);
    },
  );

  it("that wait for other jobs make the set-up one for each run", async () => {
    const text = `on: push
jobs:
  before: { runs-on: ubuntu-latest, steps: [{ run: make }] }
  hydrate:
    needs: before
    runs-on: ubuntu-latest
    services: { redis: { image: redis } }
    steps: [{ run: make }]
`;
    const { plan } = setUpRoom([workflow(text)]);
    const options = { hydrate: { needs: true, by: "name" } as HydrateAsked };
    const [one, other] = [await plan({ options }), await plan({ options, id: "run_2" })];
    expect(planned(one).phase.fingerprint).not.toBe(planned(other).phase.fingerprint);
    const { phase, notes } = planned(one);
    expect(notes.join(" ")).toContain("its services wait for what other jobs or callers say");
    const hydrated = { fingerprint: phase.fingerprint, at: 1, sha: "b".repeat(40) };
    expect(taskOn(phase, hydrated)).not.toHaveProperty("services");
  });
});
