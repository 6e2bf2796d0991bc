import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PREPARE_TIMEOUT_MS, prepareDocker } from "../providers/docker-stage.ts";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { jsonLines, runDemoProcess } from "./demo-process.ts";
import { killAllOf, processesOf } from "../servers/processes.ts";
import { makeRepository } from "./repository.ts";

const WITHIN_MS = 5 * 60_000;
/** A dozen runs, each box made anew, on a busy machine. */
const STORY_WITHIN_MS = 15 * 60_000;
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
    expect(leftOf(socketPath, ["ps", "-a"])).toEqual([]);
  });

  test(
    "the whole story, its hostile fork included, on an image without npm; nothing is left",
    { timeout: STORY_WITHIN_MS },
    async () => {
      const { socketPath, base } = await startDocker();
      const { code, stdout } = await runDemoProcess(
        ["--once", "--json", "--provider", "docker", "--image", base],
        { TMPDIR: temporary, DOCKER_HOST: `unix://${socketPath}` },
      );
      const lines = jsonLines(stdout);
      expect(lines.filter(({ event }) => event === "problem")).toEqual([]);
      const proofs = lines.filter(({ event }) => event === "proof").map(({ text }) => String(text));
      expect(proofs).toContain("nothing runs before a writer has approved that very commit");
      expect(proofs.join("\n")).toMatch(/of \d{2} attempts \d{2} were denied/u);
      expect(code).toBe(0);
      expect(leftOf(socketPath, ["ps", "-a"])).toEqual([]);
      expect(leftOf(socketPath, ["network", "ls"])).toEqual([]);
      expect(processesOf(temporary)).toEqual([]);
    },
  );

  test("an image that is not there and cannot be pulled is told before anything starts", async () => {
    const { socketPath } = await startDocker();
    const { code, stderr } = await runDemoProcess(
      ["--once", "--json", "--provider", "docker", "--image", "registry.invalid/none:1"],
      { TMPDIR: temporary, DOCKER_HOST: `unix://${socketPath}` },
    );
    expect(stderr).toContain(
      "The image registry.invalid/none:1 is not on this machine and could not be pulled.",
    );
    expect(stderr).toContain("--image debian:bookworm-slim");
    expect(code).toBe(1);
    expect(readdirSync(temporary).filter((name) => name.startsWith("crabbox-demo-"))).toEqual([]);
  });
});

/** Names of demos whose containers or networks are still there; others may be using the same daemon now. */
function leftOf(socketPath: string, list: readonly string[]): readonly string[] {
  const names = docker(socketPath, [...list, "--format", '{{.Label "app.crabbox.provider"}}']);
  if (names === null) throw new Error("the Docker daemon does not answer");
  return names.split("\n").filter((name) => name.startsWith("docker-"));
}
