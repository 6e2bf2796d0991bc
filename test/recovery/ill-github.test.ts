import { afterEach, describe, expect, test } from "vitest";
import type { ApiFault } from "../../demo/github/faults.ts";
import { REPO } from "../servers/stage.ts";
import { until } from "../servers/until.ts";
import { audit } from "./books.ts";
import { checksOf, completed, runQuickly } from "./chapters.ts";
import { openScene, type Scene } from "./scene.ts";

const LONG_MS = 5 * 60_000;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(): Promise<Scene> {
  const scene = await openScene();
  closing.push(scene.close);
  return scene;
}

async function begun(scene: Scene, token: string): Promise<void> {
  await scene.comment(`/crabbox run -- ${scene.gate.command(token, "seq 1 2000")}`);
  await scene.gate.reached(token);
  scene.journals.keep();
}

/** Until the fault has met so many calls. */
async function met(scene: Scene, times: number): Promise<void> {
  await until(
    async () => ((await scene.stage.github.control.faultState()).faults[0]?.fired ?? 0) >= times,
    `${times} calls to meet the fault`,
    LONG_MS,
  );
}

const ILLS: readonly (readonly [string, ApiFault, number])[] = [
  ["answers 500 to everything", { effect: "server-error", times: 0 }, 8],
  ["closes every connection", { effect: "close-before", times: 0 }, 8],
  ["does what it is asked and never answers", { effect: "close-after", times: 0 }, 4],
  ["says nothing at all", { effect: "hang", times: 0 }, 3],
  ["has its secondary limit", { effect: "secondary", times: 0 }, 1],
];

describe.concurrent("GitHub is ill while a command runs: the result arrives in the end, once", () => {
  for (const [name, fault, times] of ILLS) {
    test(name, { timeout: 2 * LONG_MS }, async () => {
      const scene = await openScene();
      try {
        await begun(scene, "patient");
        await scene.stage.github.control.setFaults({ faults: [fault] });
        scene.gate.open("patient", 3);
        await met(scene, times);
        await scene.stage.github.control.setFaults({ faults: [] });
        const check = await until(
          async () => (await checksOf(scene, "patient")).find(({ status }) => status === "completed"),
          "the result",
          LONG_MS,
        );
        expect(check.conclusion).toBe("failure");
        expect(check.output.title).toContain("Exited with 3");
        expect((await checksOf(scene, "patient")).length).toBe(1);
        expect(scene.gate.begun("patient")).toBe(1);
        expect(scene.journals.differences()).toEqual([]);
        expect(scene.keeper.deaths()).toBe(0);
      } finally {
        await scene.close();
      }
    });
  }
});

test("GitHub is ill when the command comes: it runs once it is well", { timeout: LONG_MS }, async () => {
  const scene = await opened();
  await scene.stage.github.control.setFaults({
    faults: [{ effect: "server-error", method: "GET", path: "^/repos/", times: 12 }],
  });
  await scene.comment(`/crabbox run -- ${scene.gate.command("later")}`);
  scene.gate.open("later", 0);
  await until(() => scene.gate.begun("later") > 0, "the command to run", LONG_MS);
  await completed(scene, "later", "success");
  expect(scene.gate.begun("later")).toBe(1);
});

test("tokens expire while a command runs: the result arrives", async () => {
  const scene = await opened();
  await begun(scene, "expired");
  await scene.stage.github.control.expireTokens({});
  scene.gate.open("expired", 0);
  await completed(scene, "expired", "success");
  expect((await checksOf(scene, "expired")).length).toBe(1);
});

test.for([
  ["told by its webhook", false],
  ["and its webhook is lost", true],
] as const)(
  "the installation is removed while a command runs, %s: the run ends, its box goes, the App goes on",
  { timeout: LONG_MS },
  async ([, isLost]) => {
    const scene = await opened();
    const { control } = scene.stage.github;
    await begun(scene, "orphan");
    if (isLost)
      await control.setDeliveryFaults({ faults: [{ effect: "drop", event: "installation", times: 0 }] });
    const [installation] = await control.listInstallations();
    await control.removeInstallation({ installationId: installation?.id ?? 0 });
    if (isLost) scene.gate.open("orphan", 0);
    await until(
      () => audit(scene.stateDir, "select id from run where state <> 'done'").length === 0,
      "the run to be over",
      LONG_MS,
    );
    expect(scene.keeper.deaths()).toBe(0);
    expect(scene.gate.begun("orphan")).toBe(1);
    await control.setDeliveryFaults({ faults: [] });
    if (isLost) return;
    await until(
      () => audit(scene.stateDir, "select id from lease where state <> 'ended'").length === 0,
      "its box to be given back",
    );
    await control.install({ owner: "acme", repos: [REPO] });
    await runQuickly(scene, "installed-again", 0, "success");
  },
);
