import { spawnSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file system of its own, so that it can be full or read-only without hurting anything else. */
export type SmallDisk = {
  readonly dir: string;
  /** For example `size=8M`, `ro`, `rw`. */
  remount(options: string): void;
  unmount(): void;
};

/** Null where one may not be mounted (no root, or a container that forbids it): the caller skips its test. */
export function mountSmallDisk(size: string): SmallDisk | null {
  const dir = mkdtempSync(join(tmpdir(), "store-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", dir]);
  if (mounted.status !== 0) {
    rmdirSync(dir);
    return null;
  }
  const run = (command: string, ...args: string[]) => {
    const { status, stderr } = spawnSync(command, args, { encoding: "utf8" });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`);
  };
  return {
    dir,
    remount: (options) => run("mount", "-o", `remount,${options}`, dir),
    unmount() {
      run("umount", "-l", dir);
      rmdirSync(dir);
    },
  };
}
