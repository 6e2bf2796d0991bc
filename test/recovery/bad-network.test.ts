import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { until } from "../servers/until.ts";
import { completed, runQuickly } from "./chapters.ts";
import { openHostScene, type HostScene } from "./host-scene.ts";

const CUTS = 20;
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function opened(): Promise<HostScene> {
  const host = await openHostScene();
  closing.push(host.close);
  return host;
}

/** Bytes of all logs that the App has. */
function copied(stateDir: string): number {
  const logs = join(stateDir, "logs");
  if (!existsSync(logs)) return 0;
  return readdirSync(logs, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".journal"))
    .reduce((sum, name) => sum + statSync(join(logs, name)).size, 0);
}

test(`SSH is cut ${CUTS} times while a command talks: one execution, the log whole`, async () => {
  const { scene, proxy } = await opened();
  const output = "for i in {1..6000}; do echo line $i of a talkative command; sleep 0.005; done";
  await scene.comment(`/crabbox run -- ${scene.gate.command("cut", output)}`);
  await scene.gate.reached("cut");
  scene.journals.keep();
  scene.gate.open("cut", 0);
  for (let cut = 1; cut <= CUTS; cut += 1) {
    const before = copied(scene.stateDir);
    await until(() => copied(scene.stateDir) > before, `more of the log after cut ${cut - 1}`);
    proxy.cut();
  }
  await completed(scene, "cut", "success");
  expect(scene.gate.begun("cut")).toBe(1);
  expect(scene.journals.kept()).toBe(1);
  expect(scene.journals.differences()).toEqual([]);
  process.stdout.write(`SSH cut ${CUTS} times in one run: log of ${copied(scene.stateDir)} bytes whole\n`);
});

test("a host that answers nobody: the run ends with what happened and what to do", async () => {
  const { scene, proxy } = await opened();
  proxy.refuse(true);
  proxy.cut();
  await scene.comment(`/crabbox run -- ${scene.gate.command("dead")}`);
  const check = await completed(scene, "dead", "failure");
  expect(check.output.summary).toMatch(/lab|127\.0\.0\.1/u);
  expect(check.output.summary).toContain("/crabbox retry");
  expect(scene.gate.begun("dead")).toBe(0);
  proxy.refuse(false);
  await runQuickly(scene, "alive-again", 0, "success");
});

test("a host whose key changed is not talked to: the run says so", async () => {
  const { scene, sshd, proxy } = await opened();
  await sshd.changeHostKey();
  proxy.cut();
  await scene.comment(`/crabbox run -- ${scene.gate.command("stranger")}`);
  const check = await completed(scene, "stranger", "failure");
  expect(check.output.summary).toMatch(/host key/iu);
  expect(scene.gate.begun("stranger")).toBe(0);
});
