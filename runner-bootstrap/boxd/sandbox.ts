/** `sandbox: "bwrap"`: the system to read, the slot's own places to write, everybody else's not to be seen. */

import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";

import type { Layout } from "./layout.ts";
import { BWRAP_BASE } from "./probe.ts";

export type SandboxPlaces = {
  /** Written by the command: work tree, task's tmp, HOME. */
  readonly writable: readonly string[];
  /** Seen by it: boxd's objects, which the work tree's `.git` borrows. */
  readonly readable: readonly string[];
  /** Made empty first, colon-separated absolute paths: the App's state. From CRABBOX_HIDE. */
  readonly hidden: readonly string[];
  /** The PATH that the operator gave: tools under the user's real home stay visible. Never what a step added. */
  readonly path: string;
};

/** What belongs to an installed tool beside its `bin`; no place where tools keep credentials. */
const TOOL_SIBLINGS = ["lib", "lib64", "libexec", "include", "versions", "installs", "toolchains"];

/**
 * The argv of bubblewrap up to the command. The network is shared (previews, package registries); PIDs are not. The
 * user's real home is hidden, with its keys, but for the directories of tools named in PATH.
 */
export function sandboxArgv(layout: Layout, places: SandboxPlaces): string[] {
  const home = homedir();
  const hide = [
    ...new Set([
      "/tmp",
      "/var/tmp",
      "/dev/shm",
      "/run/user",
      home,
      ...(layout.isSlot ? [dirname(layout.root)] : []),
      layout.root,
      ...places.hidden,
    ]),
  ];
  const hidden = hide
    .filter((path) => path !== "/" && existsSync(path))
    .map(real)
    .sort((a, b) => a.length - b.length);
  const isHidden = (path: string): boolean =>
    hidden.some((above) => path === above || path.startsWith(`${above}/`));
  const tools = places.path
    .split(":")
    .filter((dir) => dir.startsWith("/"))
    .flatMap(toolPlaces)
    .filter((path) => isHidden(path) && !isSlotPath(path, layout));
  return [
    ...BWRAP_BASE,
    "--new-session",
    ...hidden.flatMap((path) => ["--tmpfs", path]),
    ...[...new Set(tools)].flatMap((path) => ["--ro-bind-try", path, path]),
    ...places.readable.flatMap((path) => ["--ro-bind-try", path, path]),
    ...places.writable.flatMap((path) => ["--bind", path, path]),
    "--",
  ];
}

function toolPlaces(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const name = basename(dir);
  const siblings =
    name === "bin" || name === "shims" ? TOOL_SIBLINGS.map((sibling) => join(dirname(dir), sibling)) : [];
  return [dir, ...siblings].filter((path) => existsSync(path));
}

function isSlotPath(path: string, layout: Layout): boolean {
  return path === layout.root || path.startsWith(`${layout.root}/`);
}

function real(path: string): string {
  return realpathSync(path);
}
