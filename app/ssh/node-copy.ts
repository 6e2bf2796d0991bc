import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { ProgramFile } from "./programs.ts";

/** How `uname -m` calls Node's architectures. */
const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/**
 * Why the App's own Node cannot run on the box, one clause; null when it may. `said` is install.sh's line:
 * `node=none found=node:V,libc:L,os:O,arch:A,fits:yes|no`.
 */
export function unfitReason(said: string): string | null {
  const fact = (name: string) => new RegExp(`(?:^|[,=])${name}:([^,\\s]{1,64})`).exec(said)?.[1] ?? "unknown";
  if (platform() !== "linux") return `the App runs on ${platform()} and has no Node for Linux to give`;
  if (fact("os") !== "Linux") return `the App's Node does not run on ${fact("os")}`;
  if (fact("arch") !== MACHINES[arch()]) return `the App's Node is for ${arch()}, not ${fact("arch")}`;
  if (fact("fits") !== "yes")
    return `its libc (${fact("libc")}) is not what Node needs (glibc 2.28 or later)`;
  return null;
}

/** Node's executable as gzip: packed once (about 5 s) and kept in `dir` under its version. Safe at once. */
export async function nodeFile(nodePath: string, dir: string): Promise<ProgramFile> {
  const name = `node-${process.version}-${arch()}.gz`;
  const file = join(dir, name);
  if (!existsSync(file)) {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const temporary = `${file}.${randomUUID()}`;
    const target = createWriteStream(temporary, { mode: 0o600, flush: true });
    try {
      await pipeline(createReadStream(nodePath), createGzip(), target);
      await rename(temporary, file);
    } finally {
      await rm(temporary, { force: true });
    }
  }
  const bytes = await readFile(file);
  return { name, bytes, sha: createHash("sha256").update(bytes).digest("hex") };
}
