/** Tools that the machine has already, laid out as on GitHub's images, for the set-up actions of a box. */

import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** Where GitHub's images keep them (actions/runner-images, `AGENT_TOOLSDIRECTORY`). */
const MACHINE_TOOLS = "/opt/hostedtoolcache";
/** GitHub's own images have about forty. */
const LINKS_MAX = 500;

/**
 * Links each complete version of `from` (NAME/VERSION/ARCH beside ARCH.complete, @actions/tool-cache) into a box's tool cache, so that
 * set-up actions find it there rather than fetch it. Nothing when steps could write to it: boxes of others read it, too. Safe to repeat;
 * what the box has is left alone. Answers how many were linked.
 */
export function linkTools(
  to: string,
  isSandboxed: boolean,
  from: string = machineTools(),
  mayWrite: (path: string) => boolean = mayWriteTo,
): number {
  if (!existsSync(from) || (!isSandboxed && isWritable(from, mayWrite))) return 0;
  let linked = 0;
  for (const tool of list(from)) {
    for (const version of list(join(from, tool))) {
      const names = list(join(from, tool, version));
      for (const arch of names.filter((name) => names.includes(`${name}.complete`))) {
        if (linked === LINKS_MAX) return linked;
        const place = join(to, tool, version);
        // Steps may have put it there, to have us write elsewhere.
        if ([join(to, tool), place].some(isLink)) continue;
        if (existsSync(join(place, `${arch}.complete`))) continue;
        mkdirSync(place, { recursive: true });
        try {
          symlinkSync(join(from, tool, version, arch), join(place, arch));
          writeFileSync(join(place, `${arch}.complete`), "", { flag: "wx" });
        } catch {
          // Half of the box's own, or being made by it: the action makes it whole.
          continue;
        }
        linked += 1;
      }
    }
  }
  return linked;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function machineTools(): string {
  return process.env["AGENT_TOOLSDIRECTORY"] ?? MACHINE_TOOLS;
}

/** By us, and so by steps that run as we do: the marks beside the tools count as much as the tools. */
function isWritable(from: string, mayWrite: (dir: string) => boolean): boolean {
  const below = (dirs: readonly string[]): readonly string[] =>
    dirs.flatMap((dir) => list(dir).map((name) => join(dir, name)));
  const tools = below([from]);
  const versions = below(tools);
  return [from, ...tools, ...versions, ...below(versions)].some((path) => mayWrite(path));
}

function mayWriteTo(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function list(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
  }
}
