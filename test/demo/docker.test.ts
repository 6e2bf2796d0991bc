import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PREPARE_TIMEOUT_MS, prepareDocker } from "../providers/docker-stage.ts";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { jsonLines, killAllOf, runDemoProcess } from "./demo-process.ts";
import { makeRepository } from "./repository.ts";

const WITHIN_MS = 5 * 60_000;
const temporary = mkdtempSync(join(tmpdir(), "crabbox-test-demo-"));

describe.skipIf(dockerMissing() !== null)(`--provider docker (${dockerMissing() ?? "a real daemon"})`, () => {
  beforeAll(prepareDocker, PREPARE_TIMEOUT_MS);
  afterAll(() => {
    killAllOf(temporary);
    rmSync(temporary, { recursive: true, force: true });
  });

  test("the command runs in a container, and nothing of it is left", { timeout: WITHIN_MS }, async () => {
    const { socketPath, base } = await startDocker();
    const { dir } = makeRepository(join(temporary, "mine"));
    const command = "/crabbox run -- cat file && id -un && ls /run/crabbox/box";
    const { code, stdout } = await runDemoProcess(
      ["--once", "--json", "--provider", "docker", "--image", base, "--repo", dir, "--comment", command],
      { TMPDIR: temporary, DOCKER_HOST: `unix://${socketPath}` },
    );
    const lines = jsonLines(stdout);
    const log = lines.filter(({ type }) => type === "log").map(({ text }) => text);
    expect(log.join("")).toBe("second\nbox\n/run/crabbox/box\n");
    expect(lines.find(({ type }) => type === "check_run")).toMatchObject({ outcome: "succeeded" });
    expect(code).toBe(0);
    const left = docker(socketPath, ["ps", "-a", "--format", '{{.Label "app.crabbox.provider"}}']) ?? "";
    expect(left.split("\n").filter((name) => name.startsWith("demo-"))).toEqual([]);
  });
});
