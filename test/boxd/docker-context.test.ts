import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run } from "../hydrate/engine/plans.ts";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { until } from "../servers/until.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const missing = dockerMissing();
const WITHIN_MS = 180_000;
const QUIET = { stdio: "ignore" } as const;

describe.skipIf(missing !== null)(`a daemon of a docker context (${missing ?? "a real daemon"})`, () => {
  let stage: HydrateStage;
  let socket = "";
  let image = "";
  beforeAll(async () => {
    const server = await startDocker();
    socket = server.socketPath;
    image = "127.0.0.1:1/crabbox-test/base:context";
    docker(socket, ["tag", server.base, image]);
    stage = await makeHydrateStage();
  }, WITHIN_MS);
  afterAll(async () => {
    if (image !== "") docker(socket, ["rmi", image]);
    await stage?.close();
  });

  const use = (name: string, host: string): void => {
    const config = `--config=${stage.box.path("home/.docker")}`;
    execFileSync("docker", [config, "context", "create", name, `--docker=host=${host}`], QUIET);
    execFileSync("docker", [config, "context", "use", name], QUIET);
  };
  const sent = (name: string) =>
    stage.task({
      line: "echo command up; sleep 300",
      hydrate: phaseOf(name, [run("true")], {
        services: { web: { image, env: {}, ports: [], volumes: [], entrypoint: "sleep", command: "300" } },
      }),
    });

  it(
    "is the one where services are removed, whatever boxd's own client would take",
    { timeout: WITHIN_MS },
    async () => {
      const here = stage.box.path("rootless.sock");
      symlinkSync(socket, here);
      use("rootless", `unix://${here}`);
      const task = sent("c1");
      const left = () =>
        docker(socket, ["ps", "--all", "--quiet", `--filter=label=app.crabbox.task=${task.id}`]);
      const front = stage.box.start(task);
      const isUp = () => front.output().includes("command up") || front.exit() !== undefined;
      await until(isUp, "the command runs");
      expect(front.exit()).toBeUndefined();
      expect(left()).not.toBe("");
      const note = readFileSync(stage.box.path("containers", `${task.id}.json`), "utf8");
      expect(JSON.parse(note)).toEqual({ DOCKER_HOST: `unix://${here}` });
      expect(stage.box.run(["cancel", task.id], '{"by":"someone"}\n').code).toBe(0);
      await front.done;
      expect(front.exit()).toMatchObject({ why: "cancelled", survivors: [] });
      expect(left()).toBe("");
    },
  );
});
