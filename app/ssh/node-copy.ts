import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { BoxProbe } from "./probe.ts";

/** What the official builds of Node 20 to 24 ask for: good from Debian 10, Ubuntu 20.04, RHEL 8. */
const GLIBC_MIN = [2, 28] as const;

/** How `uname -m` calls Node's architectures. */
const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** Why the App's own Node cannot run on the box, one clause; null when it may. */
export function fits(probe: BoxProbe): string | null {
  if (platform() !== "linux") return `the App runs on ${platform()} and has no Node for Linux to give`;
  if (probe.system !== "Linux") return `the box runs ${probe.system}`;
  if (MACHINES[arch()] !== probe.machine)
    return `the App's Node is for ${arch()}, the box is ${probe.machine}`;
  if (probe.glibc === null) return "the box has no glibc";
  const [major = 0, minor = 0] = probe.glibc.split(".").map(Number);
  if (major > GLIBC_MIN[0] || (major === GLIBC_MIN[0] && minor >= GLIBC_MIN[1])) return null;
  return `the box has glibc ${probe.glibc} and Node needs ${GLIBC_MIN.join(".")}`;
}

/** Node's executable as gzip: packed once (about 5 s) and kept in `dir` under its version. Safe at once. */
export async function packNode(nodePath: string, dir: string): Promise<Buffer> {
  const file = join(dir, `node-${process.version}-${arch()}.gz`);
  if (!existsSync(file)) {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${process.pid}.${Date.now()}`;
    try {
      await pipeline(
        createReadStream(nodePath),
        createGzip(),
        createWriteStream(temporary, { mode: 0o600, flush: true }),
      );
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  return readFile(file);
}
