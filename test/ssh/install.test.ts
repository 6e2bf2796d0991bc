import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { arch } from "node:os";
import { join } from "node:path";

import { unfitReason } from "../../app/ssh/node-copy.ts";
import { canMakeUsers } from "../servers/plain-user.ts";
import { boxStage, createCopy, taskOf } from "./box-stage.ts";

const never = new AbortController().signal;
const NODES = ["/usr/bin/node", "/usr/local/bin/node"].filter((path) => existsSync(path));

describe.skipIf(!canMakeUsers())("a box without Node (needs root)", () => {
  let stage: Awaited<ReturnType<typeof boxStage>>;

  beforeAll(async () => {
    stage = await boxStage({ hide: NODES });
  });
  afterAll(async () => {
    await stage.stop();
  });

  test("is given the App's own, packed once for all boxes", async () => {
    const link = await stage.open();
    const copy = createCopy();
    expect(await link.start(taskOf("task_given", "exit 5"), 0, copy.sink, never)).toMatchObject({
      end: { code: 5 },
    });
    expect(copy.events[0]).toMatchObject({ e: "task", node: process.version });
    expect(readlinkSync(join(stage.rootDir, "node"))).toBe(
      join(stage.rootDir, `node-${process.version}-${arch()}`),
    );
    expect(readdirSync(join(stage.dir, "programs"))).toEqual([`node-${process.version}-${arch()}.gz`]);
  });

  test("and on which the App's does not run is refused with what was found", async () => {
    const other = await boxStage({ hide: NODES });
    const link = await other.open({ nodePath: "/bin/false" });
    const refused = link.status();
    await expect(refused).rejects.toMatchObject({ code: "box_unusable" });
    await expect(refused).rejects.toThrow(/no Node 20 or later \(found node:none,libc:/);
    await other.stop();
  });
});

describe.skipIf(!canMakeUsers())("a box whose Node is older than asked for (needs root)", () => {
  let stage: Awaited<ReturnType<typeof boxStage>>;
  beforeAll(async () => {
    stage = await boxStage();
  });
  afterAll(async () => {
    await stage.stop();
  });

  test("is given one that its tasks run on from then on, also what was loaded ahead", async () => {
    const link = await stage.open();
    await link.prepare();
    expect(await link.needNode(24)).toBe(true);
    const copy = createCopy();
    await link.start(taskOf("task_newer", "exit 0"), 0, copy.sink, never);
    const node = String(Object(copy.events[0]).node);
    expect(Number(/^v(\d+)/u.exec(node)?.[1])).toBeGreaterThanOrEqual(24);
    expect(await (await stage.open({ nodePath: "/bin/false" })).needNode(24)).toBe(true);
  });

  test("keeps what it has when nothing fits", async () => {
    const link = await stage.open({ nodePath: "/bin/false" });
    expect(await link.needNode(99)).toBe(false);
    const copy = createCopy();
    expect(await link.start(taskOf("task_older", "exit 6"), 0, copy.sink, never)).toMatchObject({
      end: { code: 6 },
    });
  });
});

describe("whether the App's Node runs on a box", () => {
  const machine = arch() === "x64" ? "x86_64" : "aarch64";
  const said = (change: string) =>
    `node=none found=node:none,libc:glibc-2.36,os:Linux,arch:${machine},fits:yes`.replace(...split(change));

  test.each(["os:Linux>os:FreeBSD", `arch:${machine}>arch:riscv64`, "fits:yes>fits:no"])(
    "no: %s",
    (change) => {
      expect(unfitReason(said(change))).toEqual(expect.any(String));
    },
  );
  test("yes, and nothing else is believed", () => {
    expect(unfitReason(said("x>x"))).toBeNull();
    expect(unfitReason("")).toEqual(expect.any(String));
  });
});

function split(change: string): [string, string] {
  const [from = "", to = ""] = change.split(">");
  return [from, to];
}
