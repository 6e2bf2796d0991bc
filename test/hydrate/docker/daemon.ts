import { spawnSync } from "node:child_process";

import { afterEach } from "vitest";

import type { Container, Docker, JobContainers } from "../../../runner-bootstrap/boxd/steps/docker/docker.ts";
import { openDocker } from "../../../runner-bootstrap/boxd/steps/docker/open.ts";
import { docker as call, startDocker } from "../../servers/docker.ts";
import type { DockerServer } from "../../servers/docker.ts";
import { testHost } from "./test-host.ts";
import type { TestHost } from "./test-host.ts";

export type Job = {
  readonly server: DockerServer;
  readonly host: TestHost;
  readonly docker: Docker;
  readonly key: string;
};

let jobs: Job[] = [];
let count = 0;

/** One job on a real daemon; ended after the test, whatever happened. */
export async function dockerJob(): Promise<Job> {
  const server = await startDocker();
  const host = testHost({ argv: ["docker", "-H", `unix://${server.socketPath}`] });
  count += 1;
  const key = `test-${process.pid}-${count}`;
  const job = { server, host, key, docker: openDocker(host, key) };
  jobs.push(job);
  return job;
}

/** Ends the jobs of each test of a file. */
export function endJobsAfterEach(): void {
  afterEach(async () => {
    for (const { docker, host } of jobs) {
      await docker.end(9);
      host.remove();
    }
    jobs = [];
  });
}

/** Runs docker; fails the test when docker does. */
export function docker(job: Pick<Job, "server">, ...args: readonly string[]): string {
  const answer = call(job.server.socketPath, args);
  if (answer === null) throw new Error(`docker ${args.join(" ")} failed`);
  return answer.trim();
}

/** Names of containers, networks and images that carry a job's label. */
export function labelled(job: Job): readonly string[] {
  const filter = `--filter=label=app.crabbox.job=${job.key}`;
  return [
    docker(job, "ps", "--all", "--format={{.Names}}", filter),
    docker(job, "network", "ls", "--format={{.Name}}", filter),
    docker(job, "image", "ls", "--format={{.Repository}}:{{.Tag}}", filter),
  ].flatMap((text) => text.split("\n").filter((line) => line !== ""));
}

export function container(image: string, rest: Partial<Container> = {}): Container {
  return { image, env: {}, ports: [], volumes: [], ...rest };
}

export function containers(rest: Partial<JobContainers>): JobContainers {
  return { container: null, services: {}, repository: "octo/app", ...rest };
}

/** An image made of the base image by a Dockerfile without context; null when its build fails. */
export function build(server: DockerServer, tag: string, dockerfile: string): string | null {
  const ran = spawnSync(
    "docker",
    ["-H", `unix://${server.socketPath}`, "build", "--force-rm", `--tag=${tag}`, "-"],
    {
      input: dockerfile,
      encoding: "utf8",
      timeout: 5 * 60_000,
    },
  );
  return ran.status === 0 ? tag : null;
}
