import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { VERSION, putBlob, putBlock } from "./client.ts";
import type { ServiceProcess } from "./process.ts";
import { startServiceProcess } from "./process.ts";

const MIB = 1024 * 1024;
const canMount = process.getuid?.() === 0 && mountWorks();

describe.skipIf(!canMount)("a full disk (needs root and tmpfs)", () => {
  let mount: string;
  let running: ServiceProcess;

  beforeEach(async () => {
    mount = mkdtempSync(join(tmpdir(), "services-full-"));
    spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", mount]);
    running = await startServiceProcess(join(mount, "store"), "a");
  });
  afterEach(async () => {
    await running.kill();
    spawnSync("umount", ["-l", mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  it("refuses what does not fit, gives back the room it took, and goes on", async () => {
    const { client } = running;
    await client.save("small", "content");
    const name = { key: "large", version: VERSION };
    const { json } = await client.twirp("CreateCacheEntry", name);
    const url = String(json["signed_upload_url"]);
    expect((await putBlob(url, new Uint8Array(9 * MIB))).status).toBe(507);
    expect((await putBlob(url, new Uint8Array(6 * MIB))).status).toBe(201);
    expect((await putBlock(url, "a", new Uint8Array(3 * MIB))).status).toBe(507);
    expect(spawnSync("sh", ["-c", `cat /dev/zero > ${mount}/rest`]).status).not.toBe(0);
    const end = await client.twirp("FinalizeCacheEntryUpload", { ...name, size_bytes: 6 * MIB });
    expect(end).toMatchObject({ status: 412 });
    expect(await client.restore("large")).toBeUndefined();
    expect(await client.restore("small")).toMatchObject({ content: "content" });
    // The refused upload's 6 MiB are free again.
    writeFileSync(join(mount, "again"), new Uint8Array(5 * MIB));
  });
});

function mountWorks(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "services-mount-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", dir]).status === 0;
  if (mounted) spawnSync("umount", [dir]);
  rmSync(dir, { recursive: true, force: true });
  return mounted;
}
