import { afterEach, beforeEach, expect, test } from "vitest";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { connect } from "../../app/ssh/connect.ts";
import { shellCommand } from "../../app/ssh/quote.ts";
import { endLeftovers } from "../../providers/local/leftovers.ts";
import { requestFor } from "./contract.ts";
import { clock, localStage } from "./local-stage.ts";

import type { BoxAddress, ProviderBox } from "../../providers/provider.ts";

const signal = () => AbortSignal.timeout(60_000);
let stage: ReturnType<typeof localStage>;

beforeEach(() => {
  stage = localStage({ maxBoxes: 4 });
});
afterEach(() => stage.stop());

function addressOf(box: ProviderBox | null): BoxAddress {
  if (box?.address === undefined) throw new Error("the box has no address");
  return box.address;
}

const placeOf = (box: ProviderBox | null) => dirname(addressOf(box).root);

test("the lowest free place comes back, and nothing of the box before with it", async () => {
  const provider = await stage.open();
  const first = await provider.create(requestFor(provider), signal());
  const second = await provider.create(requestFor(provider), signal());
  expect([first, second].map(placeOf).map((at) => at.slice(-8))).toEqual(["/boxes/1", "/boxes/2"]);
  writeFileSync(join(addressOf(first).root, "mark"), "");
  writeFileSync(join(placeOf(first), ".npmrc"), "");
  const line = await connect({ clock }, addressOf(first));
  await provider.destroy(first.ref, signal());
  const third = await provider.create(requestFor(provider), signal());
  expect(placeOf(third)).toBe(placeOf(first));
  expect(readdirSync(placeOf(third)).sort()).toEqual(["box.json", "expires", "root"]);
  expect(readdirSync(addressOf(third).root)).toEqual([]);
  // Neither who was logged in nor who has the old address comes into the new box.
  await expect(line.exec(shellCommand("exit 0"))).rejects.toThrow();
  await expect(connect({ clock }, addressOf(first))).rejects.toThrow();
  expect(await provider.describe(first.ref, signal())).toBeNull();
  expect(await provider.describe(second.ref, signal())).toEqual(second);
});

test("a place is taken whole: what is nobody's stays, what a killed App began counts for nothing", async () => {
  const provider = await stage.open();
  const boxes = join(stage.dir, "boxes");
  const request = requestFor(provider);
  mkdirSync(join(boxes, "1"), { recursive: true });
  writeFileSync(join(boxes, "1", "of-a-person"), "");
  mkdirSync(join(boxes, `.new-${request.idempotencyId}`, "root", "half"), { recursive: true });
  const box = await provider.create(request, signal());
  expect(placeOf(box).endsWith("/boxes/2")).toBe(true);
  expect(readdirSync(addressOf(box).root)).toEqual([]);
  expect(readdirSync(join(boxes, "1"))).toEqual(["of-a-person"]);
  expect(await provider.list("owner-a", signal())).toEqual([box]);
});

test("a box that an earlier version named by its ref goes on until it is destroyed", async () => {
  const provider = await stage.open();
  const { labels, idempotencyId: ref, ...request } = requestFor(provider);
  const { expiresAt, ...rest } = labels;
  const at = join(stage.dir, "boxes", ref);
  mkdirSync(join(at, "root"), { recursive: true });
  writeFileSync(join(at, "box.json"), JSON.stringify({ type: "local", createdAt: 1, ...rest }));
  writeFileSync(join(at, "expires"), String(expiresAt));
  const box = await provider.describe(ref, signal());
  expect(box).toMatchObject({ ref, labels, state: "ready" });
  expect(placeOf(box).endsWith(`/boxes/${ref}`)).toBe(true);
  expect(await provider.create({ ...request, labels, idempotencyId: ref }, signal())).toEqual(box);
  (await connect({ clock }, addressOf(box))).close();
  await provider.extend(ref, expiresAt + 1, signal());
  expect(readFileSync(join(at, "expires"), "utf8")).toBe(String(expiresAt + 1));
  // Marked by that version, whose mark was empty, and met by this one.
  writeFileSync(join(at, "destroying"), "");
  expect((await provider.list("owner-a", signal())).map(({ state }) => state)).toEqual(["destroying"]);
  await provider.destroy(ref, signal());
  expect(existsSync(at)).toBe(false);
});

test("a mark that was meant for the box before ends nobody", async () => {
  const provider = await stage.open();
  const box = await provider.create(requestFor(provider), signal());
  writeFileSync(join(placeOf(box), "destroying"), "cbx_before");
  expect((await provider.describe(box.ref, signal()))?.state).toBe("ready");
  await provider.destroy(box.ref, signal());
  expect(stage.places()).toEqual([]);
});

test("the host process of an earlier version makes room for this one's", async () => {
  const dir = join(stage.stateDir, "local");
  const program = join(stage.stateDir, "earlier", "local", "host.ts");
  mkdirSync(dirname(program), { recursive: true });
  mkdirSync(dir);
  const lock = join(import.meta.dirname, "../../providers/local/host-lock.ts");
  writeFileSync(
    program,
    `import { holdLock } from ${JSON.stringify(lock)};
await holdLock(process.argv[2], () => ({ pid: process.pid, port: 1 }));
console.log("holds");`,
  );
  const earlier = spawn(process.execPath, [program, dir, "60000"], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(earlier, "exit");
  try {
    await once(earlier.stdout, "data");
    const provider = await stage.open();
    await ended;
    expect(earlier.signalCode).toBe("SIGTERM");
    const box = await provider.create(requestFor(provider), signal());
    (await connect({ clock }, addressOf(box))).close();
  } finally {
    earlier.kill("SIGKILL");
  }
});

test("the end of a box in place 1 is not the end of one in place 10", async () => {
  const begun = (at: string) => {
    const child = spawn("sleep", ["600"], {
      stdio: "ignore",
      env: { HOME: `${stage.stateDir}/boxes/${at}` },
    });
    return { child, ended: once(child, "exit") };
  };
  const own = begun("1");
  const other = begun("10");
  try {
    expect(await endLeftovers(`${stage.stateDir}/boxes/1`, (ms) => clock.sleep(ms))).toEqual([]);
    await own.ended;
    expect(own.child.signalCode).toBe("SIGKILL");
    expect(other.child.signalCode).toBeNull();
  } finally {
    other.child.kill("SIGKILL");
    await other.ended;
  }
});
