import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { ContainerSpec, JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import { planOf, run } from "../hydrate/engine/plans.ts";
import { docker, dockerMissing, startDocker } from "../servers/docker.ts";
import { freePort } from "../servers/stage.ts";
import type { Following } from "./box.ts";
import { bytesOf, until } from "./box.ts";
import type { HydrateStage } from "./hydrate-stage.ts";
import { endsOf, makeHydrateStage, phaseOf } from "./hydrate-stage.ts";

const missing = dockerMissing();
const SERVER =
  "require('http').createServer((q, r) => r.end(process.env.WHO)).listen(8080, () => { console.log('the server listens'); require('fs').writeFileSync('/tmp/ready', '') })";
const WITHIN_MS = 180_000;

describe.skipIf(missing !== null)(`services beside the command (${missing ?? "a real daemon"})`, () => {
  let stage: HydrateStage;
  let socket = "";
  let image = "";
  let port = 0;
  beforeAll(async () => {
    const server = await startDocker();
    socket = server.socketPath;
    // Of a registry that refuses at once: nothing waits for one that cannot be reached from here.
    image = "127.0.0.1:1/crabbox-test/base:services";
    docker(socket, ["tag", server.base, image]);
    port = await freePort();
    stage = await makeHydrateStage();
  }, WITHIN_MS);
  afterAll(async () => stage?.close());

  const services = (healthy = "test -e /tmp/ready"): Record<string, ContainerSpec> => ({
    web: {
      image,
      env: { WHO: "${{ secrets.WHO || 'nobody' }}" },
      ports: [`${port}:8080`],
      volumes: [],
      entrypoint: "node",
      command: `-e "${SERVER}"`,
      options: `--health-cmd "${healthy}" --health-interval 1s --health-timeout 5s --health-retries ${healthy === "false" ? 1 : 30}`,
    },
  });
  const only = (healthy?: string): JobPlan => planOf([], { services: services(healthy) });
  const ask = (): string =>
    `node -e "fetch('http://127.0.0.1:${port}/').then(async (r) => console.log(await r.text()))"`;
  const task = (parts: Parameters<HydrateStage["task"]>[0]): Task =>
    stage.task({ env: { DOCKER_HOST: `unix://${socket}` }, ...parts });
  const left = (id: string): string => {
    const filter = `--filter=label=app.crabbox.task=${id}`;
    const [containers, networks] = [
      docker(socket, ["ps", "--all", "--quiet", filter]),
      docker(socket, ["network", "ls", "--quiet", filter]),
    ];
    return `${containers ?? "?"}${networks ?? "?"}`;
  };
  const running = (front: Following): Promise<void> =>
    until("the command runs", () => front.output().includes("command up"));

  it(
    "are there for steps and command, and for the next one of a prepared box; each task ends its own",
    { timeout: WITHIN_MS },
    async () => {
      const given = { secrets: { WHO: "the-service's-own" } };
      const hydrate = phaseOf("s1", [run(`${ask()} | rev`, { name: "ask" })], { services: services() });
      const first = task({ line: `${ask()} | rev`, hydrate, given });
      const front = stage.box.start(first);
      await front.done;
      expect(front.exit()).toMatchObject({ code: 0, survivors: [] });
      expect(front.output().split("nwo-s'ecivres-eht")).toHaveLength(3);
      expect(endsOf(front)).toEqual([
        "1 Set up job success",
        "2 Initialize containers success",
        "3 ask success",
      ]);
      expect(front.events()).toContainEqual({
        e: "note",
        text: "Until the command has ended these services run: web.",
      });
      expect(left(first.id)).toBe("");
      expect(existsSync(stage.box.path("containers", `${first.id}.json`))).toBe(false);

      const kept = stage.box.path("steps/o/r/temp/kept");
      writeFileSync(kept, "of the hydration");
      const warm = task({ line: ask(), hydrated: "s1", services: only() });
      const again = stage.box.start(warm);
      await again.done;
      expect(again.exit()).toMatchObject({ code: 0, survivors: [] });
      expect(again.output()).toContain("nobody\n");
      expect(again.events()).toContainEqual(
        expect.objectContaining({ name: "hydrate", at: "end", detail: "already hydrated; services started" }),
      );
      expect(existsSync(kept)).toBe(true);
      expect(left(warm.id)).toBe("");

      const ill = task({ line: "echo never", hydrated: "s1", services: only("false") });
      const failing = stage.box.start(ill);
      await failing.done;
      expect(failing.exit()).toMatchObject({
        why: "hydrate_failed",
        step: "Initialize containers",
        error: "not healthy: service web",
        executed: false,
      });
      expect(left(ill.id)).toBe("");
      // What the set-up left is as good as before.
      expect(bytesOf(stage.box.path("hydrated/o/r.json")).toString()).toContain('"s1"');
    },
  );

  it("say what they said when the command failed", { timeout: WITHIN_MS }, async () => {
    const sent = task({ line: "exit 3", hydrate: phaseOf("s2", [run("true")], { services: services() }) });
    const front = stage.box.start(sent);
    await front.done;
    expect(front.exit()).toMatchObject({ code: 3 });
    expect(front.output()).toContain("The end of the log of service web:\nthe server listens\n");
    expect(left(sent.id)).toBe("");
  });

  it(
    "end with a task that is cancelled, and with one whose boxd was killed",
    { timeout: WITHIN_MS },
    async () => {
      const parts = {
        line: "echo command up; sleep 300",
        hydrate: phaseOf("s3", [run("true")], { services: services() }),
      };
      const cancelled = task(parts);
      const front = stage.box.start(cancelled);
      await running(front);
      expect(left(cancelled.id)).not.toBe("");
      expect(stage.box.run(["cancel", cancelled.id], '{"by":"someone"}\n').code).toBe(0);
      await front.done;
      expect(front.exit()).toMatchObject({ why: "cancelled", executed: true, survivors: [] });
      expect(left(cancelled.id)).toBe("");

      const killed = task(parts);
      const other = stage.box.start(killed);
      await running(other);
      const go = readFileSync(stage.box.path("tasks", killed.id, "go"), "utf8");
      process.kill((JSON.parse(go) as { pid: number }).pid, "SIGKILL");
      await other.done;
      expect(other.exit()).toMatchObject({ why: "boxd_died", executed: true, survivors: [] });
      expect(left(killed.id)).toBe("");
    },
  );

  it(
    "of a task that nobody settled are removed before the next one, and before a wipe",
    { timeout: WITHIN_MS },
    async () => {
      const note = { PATH: process.env["PATH"], DOCKER_HOST: `unix://${socket}` };
      const leave = (id: string, env: object): void => {
        mkdirSync(stage.box.path("containers"), { recursive: true });
        writeFileSync(stage.box.path("containers", `${id}.json`), JSON.stringify(env));
      };
      const label = "--label=app.crabbox.task=dead_before";
      docker(socket, ["run", "--detach", label, "--entrypoint=sleep", image, "300"]);
      expect(left("dead_before")).not.toBe("");
      leave("dead_before", note);
      const front = stage.box.start(stage.task({ line: "true" }));
      await front.done;
      expect(front.exit()).toMatchObject({ code: 0 });
      expect(left("dead_before")).toBe("");

      leave("dead_too", { ...note, DOCKER_HOST: "unix:///nobody/listens.sock" });
      const refused = stage.box.run(["wipe"]);
      expect(refused.code).toBe(98);
      expect(refused.stderr).toContain("still there: Docker's containers");
      leave("dead_too", note);
      expect(stage.box.run(["wipe"]).code).toBe(0);
    },
  );

  it("are refused beside anything but a prepared box", () => {
    const refused = stage.box.run(["start"], `${JSON.stringify(task({ line: "true", services: only() }))}\n`);
    expect(refused.stderr).toContain("services: expected a plan without steps, beside hydrated");
  });
});
