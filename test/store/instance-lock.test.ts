import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockInstance, readHolder } from "../../app/store/instance-lock.ts";

const HOLDER = fileURLToPath(new URL("./lock-holder.ts", import.meta.url));

let dir: string;
let child: ChildProcess | null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "store-test-"));
  child = null;
});
afterEach(async () => {
  if (child !== null && child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
  rmSync(dir, { recursive: true, force: true });
});

async function holdElsewhere(): Promise<ChildProcess> {
  const started = spawn(process.execPath, [HOLDER, dir], { stdio: ["ignore", "pipe", "inherit"] });
  child = started;
  await once(started.stdout, "data");
  return started;
}

describe("the instance lock", () => {
  it("is one process's, and names it; dies with it, however it ends", async () => {
    const holder = await holdElsewhere();
    await expect(lockInstance(dir, { adminSocket: null })).rejects.toMatchObject({
      code: "store_locked",
      message: expect.stringMatching(new RegExp(`process ${holder.pid} on .* since 20`, "u")),
    });
    expect(await readHolder(dir)).toMatchObject({ pid: holder.pid, adminSocket: "/run/admin.sock" });
    holder.kill("SIGKILL");
    await once(holder, "close");
    const lock = await lockInstance(dir, { adminSocket: null });
    expect(await readHolder(dir)).toMatchObject({ pid: process.pid, host: hostname(), adminSocket: null });
    await lock.release();
    await lock.release();
    expect(await readHolder(dir)).toBeNull();
    await holdElsewhere();
  });

  it("holds within one process, too, and survives the refusal of others", async () => {
    const lock = await lockInstance(dir, { adminSocket: null });
    for (let n = 0; n < 3; n += 1)
      await expect(lockInstance(dir, { adminSocket: null })).rejects.toMatchObject({ code: "store_locked" });
    await lock.release();
    await (await lockInstance(dir, { adminSocket: null })).release();
  });

  it("still refuses when what the holder wrote cannot be read", async () => {
    await holdElsewhere();
    for (const text of ["", "{", "[]", '{"pid":"x"}', "null"]) {
      writeFileSync(join(dir, "holder.json"), text);
      expect(await readHolder(dir)).toBeNull();
      await expect(lockInstance(dir, { adminSocket: null })).rejects.toMatchObject({
        code: "store_locked",
        message: expect.stringContaining("another process"),
      });
    }
  });
});
