import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, describe, expect, test } from "vitest";

import { registryOf } from "../../../runner-bootstrap/boxd/steps/docker/registry.ts";
import { dockerMissing } from "../../servers/docker.ts";
import { build, container, containers, docker, dockerJob, endJobsAfterEach } from "./daemon.ts";
import type { Job } from "./daemon.ts";
import { startPrivateRegistry } from "./private-registry.ts";

const missing = dockerMissing();
const PASSWORD = "p4ss $(id) 'w' \"x\"";
const ends: (() => Promise<void>)[] = [];

endJobsAfterEach();
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** A small image that only the registry has; the client is asynchronous here, for the registry is in this process. */
async function privateImage(job: Job) {
  const registry = await startPrivateRegistry("me", PASSWORD);
  ends.push(registry.end);
  const image = `${registry.address}/team/tool:1`;
  build(job.server, image, `FROM scratch\nLABEL made.for=${job.key}\n`);
  const config = mkdtempSync(join(tmpdir(), "crabbox-push-"));
  const run = (argv: readonly string[], input = "") =>
    job.host.spawn({
      argv: ["bash", "-c", 'printf %s "$INPUT" | docker -H "$HOST" --config="$CONFIG" "$@"', "bash", ...argv],
      cwd: "/",
      env: { ...job.host.env, INPUT: input, CONFIG: config, HOST: `unix://${job.server.socketPath}` },
      step: 0,
      onOutput: () => {},
    });
  expect((await run(["login", "-u", "me", "--password-stdin", registry.address], PASSWORD)).code).toBe(0);
  expect((await run(["push", image])).code).toBe(0);
  docker(job, "image", "rm", image);
  rmSync(config, { recursive: true });
  return { registry, image };
}

test.each([
  ["postgres:16", []],
  ["library/postgres", []],
  ["localhost:5000/x", ["localhost:5000"]],
  ["ghcr.io/owner/image@sha256:0", ["ghcr.io"]],
  ["quay.io/x", ["quay.io"]],
])("the registry of %s", (image, registry) => {
  expect(registryOf(image)).toEqual(registry);
});

describe.skipIf(missing !== null)(`images of a private registry (${missing ?? "a real daemon"})`, () => {
  test("credentials pull the image, are masked, and nothing of them stays", async () => {
    const job = await dockerJob();
    const { registry, image } = await privateImage(job);
    const credentials = { username: "me", password: PASSWORD };
    const tool = container(image, { credentials, entrypoint: "/none" });
    // The image is empty: it is pulled and created, and cannot be started.
    const started = await job.docker.start(1, containers({ services: { tool } }));
    expect(started).toEqual({ failed: expect.stringContaining("docker start ended with") });
    expect(docker(job, "image", "inspect", '--format={{index .Config.Labels "made.for"}}', image)).toBe(
      job.key,
    );
    expect(registry.refused()).toBe(0);
    expect(job.host.masks).toContain(PASSWORD);
    expect(job.host.logged()).not.toContain("p4ss");
    expect(readdirSync(job.host.places.files)).toEqual([]);
    expect(existsSync(join(job.host.env["HOME"] ?? "", ".docker", "config.json"))).toBe(false);
    docker(job, "image", "rm", "--force", image);
  });

  test("a wrong password is told by the log-in, no credentials by the pull", async () => {
    const job = await dockerJob();
    const { registry, image } = await privateImage(job);
    const credentials = { username: "me", password: "wrong" };
    const wrong = await job.docker.start(
      1,
      containers({ services: { tool: container(image, { credentials }) } }),
    );
    expect(wrong).toEqual({ failed: `service tool: docker login to ${registry.address} ended with 1` });
    expect(registry.refused()).toBeGreaterThanOrEqual(3);
    const none = await job.docker.start(1, containers({ services: { tool: container(image) } }));
    expect(none).toEqual({ failed: expect.stringMatching(/^service tool: docker pull .* ended with 1$/) });
    expect(readdirSync(job.host.places.files)).toEqual([]);
  });
});
