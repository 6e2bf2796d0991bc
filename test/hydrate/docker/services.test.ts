import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { dockerMissing } from "../../servers/docker.ts";
import { until } from "../../servers/until.ts";
import { container, containers, docker, dockerJob, endJobsAfterEach, labelled } from "./daemon.ts";
import type { Job } from "./daemon.ts";

const missing = dockerMissing();
const HEALTH = "--health-interval 1s --health-timeout 5s --health-retries 30";
/** Says who it is on port 8080, once a file is there. */
const SERVER = `
const { writeFileSync } = require("node:fs");
require("node:http").createServer((request, response) => {
  response.end([process.env.WHO, process.env.CI, ...process.argv.slice(2)].join(" "));
}).listen(8080, () => { console.log("the server listens"); writeFileSync("/tmp/ready", ""); });
`;

endJobsAfterEach();

function scripts(job: Job): string {
  const directory = join(job.host.places.workspace, "scripts");
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "server.js"), SERVER);
  return directory;
}

function service(job: Job, options: string) {
  return container(job.server.base, {
    env: { WHO: "the service's own" },
    ports: ["8080"],
    volumes: [`${scripts(job)}:/scripts:ro`],
    entrypoint: "node",
    command: '/scripts/server.js "two words" $HOME',
    options,
  });
}

describe.skipIf(missing !== null)(`services of a job (${missing ?? "a real daemon"})`, () => {
  test("a healthy service is reached over its mapped port from the host, and all of it goes away", async () => {
    const job = await dockerJob();
    const options = `--health-cmd "test -e /tmp/ready" ${HEALTH} --label app.crabbox.job=another`;
    const started = await job.docker.start(1, containers({ services: { web: service(job, options) } }));
    if ("failed" in started) throw new Error(`${started.failed}\n${job.host.logged()}`);
    const web = started.contexts.services["web"] as {
      id: string;
      network: string;
      ports: Record<string, string>;
    };
    expect(started.container).toBeNull();
    expect(started.contexts.container).toEqual({ network: web.network });
    expect(web.id).toMatch(/^[0-9a-f]{64}$/);
    expect(Object.keys(web.ports)).toEqual(["8080"]);
    const answer = await fetch(`http://127.0.0.1:${web.ports["8080"]}/`);
    expect(await answer.text()).toBe("the service's own true two words $HOME");
    expect(job.host.logged()).toContain("web: healthy");
    expect(labelled(job)).toHaveLength(2);

    await job.docker.end(2);
    expect(labelled(job)).toEqual([]);
    expect(docker(job, "ps", "--all", "--quiet", "--no-trunc")).not.toContain(web.id);
    expect(job.host.logged()).toContain("the server listens");
    await job.docker.end(3);
  });

  test("an unhealthy service fails the start with its log, and is removed too", async () => {
    const job = await dockerJob();
    const options = '--health-cmd "echo the-check-says-no; false" --health-interval 1s --health-retries 2';
    const services = { good: service(job, ""), bad: service(job, options) };
    const started = await job.docker.start(1, containers({ services }));
    expect(started).toEqual({ failed: "not healthy: service bad" });
    expect(job.host.logged()).toContain("the-check-says-no");
    expect(job.host.logged()).toContain("the server listens");
    expect(job.host.logged()).toContain("good: running, no health check");
    await job.docker.end(2);
    expect(labelled(job)).toEqual([]);
  });

  test("a service that ends before it is healthy does not hold the job up", async () => {
    const job = await dockerJob();
    const options = '--health-cmd "true" --health-interval 1h';
    const ended = container(job.server.base, {
      entrypoint: "sh",
      command: '-c "echo I gave up; exit 3"',
      options,
    });
    const started = await job.docker.start(1, containers({ services: { ended } }));
    expect(started).toEqual({ failed: "not healthy: service ended" });
    expect(job.host.logged()).toContain("I gave up");
  });

  test("a cancelled job does not wait for health any longer", async () => {
    const job = await dockerJob();
    const slow = service(job, '--health-cmd "true" --health-interval 1h');
    const starting = job.docker.start(1, containers({ services: { slow } }));
    const waits = "Waiting for all services to be ready";
    await until(() => job.host.events.some((event) => "name" in event && event.name === waits), waits);
    job.host.cancel();
    expect(await starting).toEqual({ failed: "the job was cancelled; not healthy: service slow" });
    const { events } = job.host;
    expect(events).toContainEqual({ e: "group", n: 1, at: "begin", name: "Log of service slow" });
    expect(job.host.logged()).toContain("docker logs --details");
    await job.docker.end(2);
    expect(labelled(job)).toEqual([]);
  });

  test("an empty image is no service", async () => {
    const job = await dockerJob();
    const none = { container: container(""), services: { maybe: container("") } };
    expect(await job.docker.start(1, containers(none))).toEqual({
      container: null,
      contexts: { container: {}, services: {} },
    });
    expect(job.host.logged()).toContain("Service maybe is not started");
  });
});
