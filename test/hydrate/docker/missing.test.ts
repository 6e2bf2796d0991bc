import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, expect, test } from "vitest";

import { openDocker } from "../../../runner-bootstrap/boxd/steps/docker/open.ts";
import { testHost } from "./test-host.ts";
import type { TestHost } from "./test-host.ts";

const hosts: TestHost[] = [];
const SERVICES = { db: { image: "postgres", env: {}, ports: [], volumes: [] } };
const JOB = { container: null, services: SERVICES, repository: "octo/app" };

afterEach(() => {
  for (const host of hosts.splice(0)) host.remove();
});

function opened(docker: TestHost["docker"]) {
  const host = testHost(docker);
  hosts.push(host);
  return { host, docker: openDocker(host, "job-1") };
}

test("without Docker every part says so, and why", async () => {
  const { docker } = opened({ missing: "no docker on the PATH" });
  const failed = "this needs Docker, which is not here: no docker on the PATH";
  expect(await docker.start(1, JOB)).toEqual({ failed });
  expect(await docker.prepare(1, { image: "docker://alpine" })).toEqual({ failed });
  const onOutput = () => {};
  expect(await docker.run({ step: 1, image: "alpine", args: [], env: {}, onOutput })).toEqual({
    error: failed,
  });
  expect(await docker.address(1)).toBeNull();
  await docker.end(1);
});

test("a client that cannot be started is told, and there is nothing to end", async () => {
  const { host, docker } = opened({ argv: ["/nowhere/docker"] });
  const started = await docker.start(1, JOB);
  expect(started).toEqual({
    failed: expect.stringContaining("Docker does not answer: docker version could not be started"),
  });
  await docker.end(1);
  expect(host.logged()).toBe("");
});

test("a daemon that is not there is told with docker's own words", async () => {
  const { docker } = opened({ argv: ["docker", "-H", "unix:///nowhere/docker.sock"] });
  const prepared = await docker.prepare(1, { image: "docker://alpine" });
  expect(prepared).toEqual({
    failed: expect.stringMatching(/^Docker does not answer: docker version ended with 1: .*nowhere/),
  });
});

test("a daemon behind ssh is refused where containers have to be cleared up after their task", async () => {
  const { host } = opened({ missing: "not yet" });
  const client = join(host.places.files, "docker");
  writeFileSync(
    client,
    '#!/bin/sh\n[ "$1" = version ] && echo 28\n[ "$1" = context ] && echo ssh://lab\ntrue\n',
    {
      mode: 0o755,
    },
  );
  const begun: (string | null)[] = [];
  const containers = { label: "app.crabbox.task=t_1", begin: (at: string | null) => void begun.push(at) };
  const box = { ...host, docker: { argv: [client] }, containers };
  expect(await openDocker(box, "job-1").prepare(1, { image: "docker://alpine" })).toEqual({
    failed: expect.stringMatching(/^Docker is at ssh:\/\/lab, .* unix:\/\/ or tcp:\/\/$/) as string,
  });
  expect(begun).toEqual([]);
});
