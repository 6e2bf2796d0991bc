/** Which tree a commit has, without starting git. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

/** A commit is a few hundred bytes; one with more is left to git. */
const COMMIT_MAX_BYTES = 64 * 1024;

/**
 * The tree of a commit that lies loose in `gitDir`, its bytes proven to be the commit by their hash. Undefined when it
 * lies in a pack, is broken, or is something else: git is then asked.
 */
export function treeOfCommit(gitDir: string, sha: string): string | undefined {
  try {
    const path = join(gitDir, "objects", sha.slice(0, 2), sha.slice(2));
    const object = inflateSync(readFileSync(path), { maxOutputLength: COMMIT_MAX_BYTES });
    if (createHash("sha1").update(object).digest("hex") !== sha) return undefined;
    return /^commit \d+\0tree ([0-9a-f]{40})\n/.exec(object.toString("latin1"))?.[1];
  } catch {
    return undefined; // Not loose, or not an object.
  }
}
