import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ContainerSpec } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { run } from "../hydrate/engine/plans.ts";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { processesOf } from "../servers/processes.ts";
import { until } from "./box.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const missing = dockerMissing();
const WITHIN_MS = 180_000;

const spec = (over: Partial<ContainerSpec>): ContainerSpec => ({
  image: "none",
  env: {},
  ports: [],
  volumes: [],
  ...over,
});

describe.skipIf(missing !== null)(`services that do not come (${missing ?? "a real daemon"})`, () => {
  let stage: HydrateStage;
  let hanging: Server;
  let silent = "";
  const sockets: Socket[] = [];
  beforeAll(async () => {
    stage = await makeHydrateStage();
    silent = stage.box.path("silent.sock");
    hanging = createServer((client) => sockets.push(client.on("error", () => client.destroy())));
    await new Promise<void>((resolve) => hanging.listen(silent, resolve));
  }, WITHIN_MS);
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => hanging.close(() => resolve()));
    await stage?.close();
  });

  const sent = (name: string, over: Parameters<HydrateStage["task"]>[0] = {}) =>
    stage.task({
      line: "echo never",
      env: { DOCKER_HOST: `unix://${silent}` },
      hydrate: phaseOf(name, [run("true")], { services: { web: spec({}) } }),
      ...over,
    });

  it("a daemon that never answers keeps nobody from cancelling, and leaves nothing behind", async () => {
    const task = sent("h1");
    const front = stage.box.start(task);
    await until("the client asks", () => sockets.length > 0);
    expect(stage.box.run(["cancel", task.id], '{"by":"someone"}\n').code).toBe(0);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", by: "someone", executed: false, survivors: [] });
    expect(processesOf(silent)).toEqual([]);
  }, 60_000);

  it("a client that is deaf and has started others goes with them all", async () => {
    const bin = stage.box.path("bin");
    mkdirSync(bin);
    const deaf = "#!/bin/sh\ntrap '' INT TERM\nsetsid sleep 300 &\nsleep 300 &\ntouch \"$0.began\"\nwait\n";
    writeFileSync(join(bin, "docker"), deaf, { mode: 0o755 });
    const task = sent("h4", { env: { PATH: `${bin}:${process.env["PATH"]}` } });
    const front = stage.box.start(task);
    await until("the client runs", () => existsSync(join(bin, "docker.began")));
    expect(stage.box.run(["cancel", task.id], '{"by":"someone"}\n').code).toBe(0);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "cancelled", executed: false, survivors: [] });
    expect(processesOf(bin)).toEqual([]);
  }, 60_000);

  it("a deadline ends the wait for it as well", async () => {
    const before = sockets.length;
    const task = sent("h2");
    const front = stage.box.start(task);
    await until("the client asks", () => sockets.length > before);
    const soon = JSON.stringify({ deadlineAt: Date.now() + 100 });
    expect(stage.box.run(["extend", task.id], `${soon}\n`).code).toBe(0);
    await front.done;
    expect(front.exit()).toMatchObject({ why: "timed_out", executed: false, survivors: [] });
    expect(processesOf(silent)).toEqual([]);
  }, 60_000);

  it(
    "a service that ends instead is named, and what it said is in the log, masked",
    { timeout: WITHIN_MS },
    async () => {
      const server = await startDocker();
      const image = "127.0.0.1:1/crabbox-test/base:hangs";
      docker(server.socketPath, ["tag", server.base, image]);
      const web = spec({
        image,
        env: { WHO: "${{ secrets.WHO }}" },
        entrypoint: "sh",
        command: '-c "echo I am $WHO and give up; exit 3"',
        options: '--health-cmd "true" --health-interval 1h',
      });
      const front = stage.box.start(
        sent("h3", {
          env: { DOCKER_HOST: `unix://${server.socketPath}` },
          hydrate: phaseOf("h3", [run("true")], { services: { web } }),
          given: { secrets: { WHO: "the-one-who-must-not-be-named" } },
        }),
      );
      await front.done;
      expect(front.exit()).toMatchObject({
        why: "hydrate_failed",
        step: "Initialize containers",
        error: "not healthy: service web",
        executed: false,
        survivors: [],
      });
      expect(front.output()).toContain("I am *** and give up");
      expect(front.journal().toString()).not.toContain("must-not-be-named");
      docker(server.socketPath, ["rmi", image]);
    },
  );
});
