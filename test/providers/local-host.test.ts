import { afterEach, beforeEach, expect, test } from "vitest";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { connect } from "../../app/ssh/connect.ts";
import { openBox } from "../../app/ssh/boxd-client.ts";
import { sshFailureOf } from "../../app/ssh/failure.ts";
import { ensureKey, loadKey } from "../../providers/keys.ts";
import { bundleBoxd } from "../../runner-bootstrap/bundle.ts";
import { createCopy } from "../ssh/box-stage.ts";
import { requestFor } from "./contract.ts";
import { clock, localStage } from "./local-stage.ts";

import type { BoxAddress, ProviderBox } from "../../providers/provider.ts";
import type { ChildProcess } from "node:child_process";

const WAIT_MS = 60_000;
const signal = () => AbortSignal.timeout(WAIT_MS);
let stage: ReturnType<typeof localStage>;
let apps: ChildProcess[] = [];

beforeEach(() => {
  stage = localStage();
});
afterEach(async () => {
  for (const app of apps) app.kill("SIGKILL");
  apps = [];
  await stage.stop();
});

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error("waited for a minute");
    await clock.sleep(20);
  }
}

function addressOf(box: ProviderBox | null): BoxAddress {
  if (box?.address === undefined) throw new Error("the box has no address");
  return box.address;
}

/** Starts an App that runs `command` on a box, and waits for `mark` in its output. */
async function startApp(command: string, mark: string, sandbox = "none"): Promise<ChildProcess> {
  const program = join(import.meta.dirname, "local-app.ts");
  const app = spawn(process.execPath, [program, stage.stateDir, "cbx_app", command, sandbox], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  apps.push(app);
  let output = "";
  app.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  await until(() => {
    if (app.exitCode !== null) throw new Error(`the App ended with ${app.exitCode}`);
    return output.includes(mark);
  });
  return app;
}

test("a task outlives an App killed by SIGKILL, and the next App finds host, box and journal", async () => {
  const app = await startApp("echo begun; sleep 2; echo finished", "begun");
  const hostPid = await stage.hostPid();
  app.kill("SIGKILL");
  const provider = await stage.open();
  expect(await stage.hostPid()).toBe(hostPid);
  const [box] = await provider.list("owner-a", signal());
  const link = await openBox(
    { clock, programs: await bundleBoxd(), programDir: stage.stateDir, nodePath: process.execPath },
    addressOf(box ?? null),
  );
  const copy = createCopy();
  const result = await link.follow("task_app", 0, copy.sink, signal());
  expect(result).toMatchObject({ end: { code: 0 } });
  expect(copy.bytes().toString("latin1")).toContain("finished");
  await link.close();
});

test("a host killed by SIGKILL is started again at the same port, and its boxes are there", async () => {
  const provider = await stage.open();
  const box = await provider.create(requestFor(provider), signal());
  process.kill((await stage.hostPid()) ?? 0, "SIGKILL");
  const again = await provider.describe(box.ref, signal());
  expect(again).toEqual(box);
  (await connect({ clock }, addressOf(again))).close();
});

test("destroy ends what runs, daemons with it, and leaves nothing", async () => {
  const beacon = join(stage.stateDir, "beacon");
  const daemon = `setsid sh -c 'trap "" TERM HUP; while :; do date > ${beacon}; sleep 0.05; done' >/dev/null 2>&1 &`;
  await startApp(`${daemon} echo begun; sleep 600`, "begun");
  await until(() => existsSync(beacon));
  const provider = await stage.open();
  await provider.destroy("cbx_app", signal());
  expect(stage.places()).toEqual([]);
  rmSync(beacon);
  await clock.sleep(300);
  expect(existsSync(beacon)).toBe(false);
});

test("a box with survivors stays closed until a person clears it", async () => {
  const provider = await stage.open();
  const box = await provider.create(requestFor(provider), signal());
  const boxDir = dirname(addressOf(box).root);
  // Started anew from outside the box as often as it is ended: nothing the host does can win.
  const loop = 'while [ -d "$0" ]; do (cd "$0" && exec sleep 600); done';
  for (let at = 0; at < 3; at += 1)
    apps.push(spawn("bash", ["-c", loop, boxDir], { cwd: "/", stdio: "ignore", env: {} }));
  await expect(provider.destroy(box.ref, signal())).rejects.toMatchObject({ kind: "unclear" });
  expect(await provider.describe(box.ref, signal())).toMatchObject({ state: "unknown" });
  const closed = join(boxDir, "closed");
  expect(readFileSync(closed, "utf8")).toContain("sleep");
  // Its place is no other's meanwhile.
  const other = await provider.create(requestFor(provider), signal());
  expect(dirname(addressOf(other).root)).not.toBe(boxDir);
  for (const one of apps) one.kill("SIGKILL");
  rmSync(closed);
  await provider.destroy(box.ref, signal());
  expect(await provider.describe(box.ref, signal())).toBeNull();
});

test("a box past its expiry is ended by the host process, without any App", async () => {
  const provider = await stage.open();
  const kept = await provider.create(requestFor(provider), signal());
  const late = await provider.create(requestFor(provider, { expiresAt: Date.now() - 3_600_000 }), signal());
  await provider.close();
  const keptPlace = basename(dirname(addressOf(kept).root));
  await until(() => stage.places().join() === keptPlace);
  expect(await provider.describe(late.ref, signal())).toBeNull();
  expect((await provider.describe(kept.ref, signal()))?.state).toBe("ready");
});

test("removes trees that may not be written", async () => {
  const provider = await stage.open();
  const box = await provider.create(requestFor(provider), signal());
  const stubborn = join(addressOf(box).root, "cache", "inner");
  mkdirSync(stubborn, { recursive: true });
  writeFileSync(join(stubborn, "file"), "x", { mode: 0o400 });
  await provider.destroy(box.ref, signal());
  expect(existsSync(stubborn)).toBe(false);
});

test("without a box the host process ends by itself, and comes back for the next one", async () => {
  await stage.stop();
  stage = localStage({ idleMinutes: 0.01 });
  const provider = await stage.open();
  const first = await stage.hostPid();
  await until(async () => (await stage.hostPid()) === null);
  const box = await provider.create(requestFor(provider), signal());
  expect(await stage.hostPid()).not.toBe(first);
  (await connect({ clock }, addressOf(box))).close();
});

test("lets in the App's key for a live box, and nobody else", async () => {
  const provider = await stage.open();
  const address = addressOf(await provider.create(requestFor(provider), signal()));
  const strangerKey = join(stage.stateDir, "stranger");
  ensureKey(strangerKey);
  for (const wrong of [{ keyFile: strangerKey }, { user: "cbx_nobody" }, { user: "../boxes" }]) {
    const error: unknown = await connect({ clock }, { ...address, ...wrong }).catch(
      (thrown: unknown) => thrown,
    );
    expect(sshFailureOf(error)).toBe("auth");
  }
});

test("every key it makes can be read, whatever its bytes", () => {
  // One of 240 that ssh2 generates cannot: a thousand would meet one but for a chance of 1 in 60.
  for (let n = 0; n < 1_000; n += 1) {
    const path = join(stage.stateDir, `key-${n}`);
    ensureKey(path);
    expect(() => loadKey(path)).not.toThrow();
  }
});
