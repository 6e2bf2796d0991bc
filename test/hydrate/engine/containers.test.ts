import { afterEach, describe, expect, it } from "vitest";

import { runJob } from "../../../runner-bootstrap/boxd/steps/engine/run-job.ts";
import type { ContainerSpec } from "../../../runner-bootstrap/boxd/steps/plan.ts";
import { docker, dockerMissing, startDocker } from "../../servers/docker.ts";
import { type Bench, openBench } from "./local-host.ts";
import { planOf, run } from "./plans.ts";

const missing = dockerMissing();

let benches: Bench[] = [];

afterEach(() => {
  for (const bench of benches) bench.remove();
  benches = [];
});

function opened(over: Parameters<typeof openBench>[0] = {}): Bench {
  const bench = openBench(over);
  benches.push(bench);
  return bench;
}

const spec = (over: Partial<ContainerSpec> = {}): ContainerSpec => ({
  image: "debian",
  env: {},
  ports: [],
  volumes: [],
  ...over,
});
const ALWAYS = run("echo on the host", { if: "always()" });

describe("containers that were not started", () => {
  it("keep every step from the host, whatever kept them from starting", async () => {
    const bench = opened();
    const container = spec({ env: { A: "${{ fromJSON('{') }}" } });
    const result = await runJob(planOf([ALWAYS], { container }), bench.host);
    expect(result.conclusion).toBe("failure");
    expect(bench.log()).not.toContain("on the host");
  });

  it("keep them from it in a job that was cancelled before, too", async () => {
    const bench = opened();
    bench.cancel();
    const result = await runJob(planOf([ALWAYS], { container: spec() }), bench.host);
    expect(result.conclusion).toBe("cancelled");
    expect(bench.log()).not.toContain("on the host");
  });

  it.skipIf(missing !== null)("a job's time ends the wait for a service, which is named", async () => {
    const { socketPath, base } = await startDocker();
    const bench = opened({ docker: { argv: ["docker", "-H", `unix://${socketPath}`] } });
    const slow = spec({
      image: base,
      entrypoint: "sh",
      command: '-c "echo I begin; sleep 300"',
      options: '--health-cmd "true" --health-interval 1h',
    });
    const key = `slow-${process.pid}`;
    const result = await runJob(
      planOf([run("echo never")], { job: key, services: { slow }, timeoutMinutes: 0.15 }),
      bench.host,
    );
    expect(result.conclusion).toBe("cancelled");
    const start = result.steps.find(({ name }) => name === "Initialize containers");
    expect(start?.conclusion).toBe("cancelled");
    expect(bench.events).toContainEqual(
      expect.objectContaining({
        e: "annotation",
        message: "the job's time was over; not healthy: service slow",
      }),
    );
    const label = `--filter=label=app.crabbox.job=${key}`;
    expect(docker(socketPath, ["ps", "--all", "--quiet", label])).toBe("");
  });
});
