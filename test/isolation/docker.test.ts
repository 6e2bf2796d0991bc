import { execFileSync } from "node:child_process";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { requestFor } from "../providers/contract.ts";
import { dockerStage, PREPARE_TIMEOUT_MS, prepareDocker } from "../providers/docker-stage.ts";
import { bridgeAddress, dockerMissing } from "../servers/docker.ts";
import { freePort } from "../servers/stage.ts";
import { attackStage } from "./attack-stage.ts";
import { stranger } from "./attacker.ts";

import type { DockerStage } from "../providers/docker-stage.ts";
import type { AttackStage } from "./attack-stage.ts";

/** What clouds answer at with the machine's credentials; here the test does. */
const METADATA = "169.254.169.254";
/** Two runs and two boxes on a busy machine. */
const TEST_TIMEOUT_MS = 10 * 60_000;

describe.skipIf(dockerMissing() !== null)(
  `the attack script in a docker box (${dockerMissing() ?? "a real daemon"})`,
  () => {
    let boxes: DockerStage | undefined;
    let attacked: AttackStage | undefined;
    const metadata = createServer((socket) => socket.on("error", () => undefined).end());

    beforeAll(async () => {
      await prepareDocker();
      const stage = await dockerStage();
      boxes = stage;
      // Of host scope, else Docker's masquerading takes it for the source of this machine's own connections to the bridge,
      // and those of other tests end with it.
      execFileSync("ip", ["address", "replace", `${METADATA}/32`, "dev", "lo", "scope", "host"]);
      await new Promise<void>((resolve) => metadata.listen(80, METADATA, resolve));
      // Where boxes reach the offline GitHub: an address of this machine, one port of it, by the provider's setting.
      const host = bridgeAddress(stage.server.socketPath);
      const port = await freePort();
      const docker = {
        kind: "docker",
        name: stage.name,
        socketPath: stage.server.socketPath,
        image: { base: stage.server.base },
        reach: [`${host}:${port}`],
        classes: { standard: { memoryMib: 768, pids: 200, diskMib: 192 } },
      };
      attacked = await attackStage({
        github: { host, port },
        settings: { providers: [docker], defaults: { provider: stage.name } },
      });
    }, PREPARE_TIMEOUT_MS);
    afterAll(async () => {
      try {
        await attacked?.close();
      } finally {
        await boxes?.stop();
        await new Promise((resolve) => metadata.close(resolve));
        execFileSync("ip", ["address", "del", `${METADATA}/32`, "dev", "lo"]);
      }
    });

    test("a daemon that left everything behind ends with its run", { timeout: TEST_TIMEOUT_MS }, async () => {
      const leave = "(cd / && setsid env -i /bin/sleep 98765 </dev/null >/dev/null 2>&1 &); echo left";
      const first = await attacked?.stage.run(`/crabbox run -- ${leave}`);
      expect(first?.output.text).toContain("left");
      expect(first?.output.summary).toMatch(/Containment \| container/);
      // The pattern must not find itself.
      const second = await attacked?.stage.run("/crabbox run -- pgrep -f 'sleep 9876[5]' || echo nobody");
      expect(second?.output.summary).toContain("warm, used before");
      expect(second?.output.text).toContain("nobody");
    });

    test(
      "every attempt of a hostile fork is denied, approved as it is",
      { timeout: TEST_TIMEOUT_MS },
      async () => {
        if (boxes === undefined || attacked === undefined) throw new Error("no stage");
        const neighbours = await boxes.open({ maxBoxes: 4 });
        const neighbour = await neighbours.create(requestFor(neighbours), AbortSignal.timeout(60_000));
        const met = await attacked.attack(await stranger(attacked.stage), boxes.name, {
          dockerSockets: [boxes.server.socketPath],
          neighbours: [`${neighbour.address?.host}:${neighbour.address?.port}`],
          metadata: [`${METADATA}:80`],
          box: { processes: 400, mib: 1_024 },
        });
        expect([...met].filter(([name, how]) => how === "reached" && name !== "attack")).toEqual([]);
        expect(met.size).toBe(26);
      },
    );
  },
);
