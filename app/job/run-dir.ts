import { createHash } from "node:crypto";
import { mkdtempSync, renameSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { claimRunDir, removeLeftRuns, RUN_DIR_PREFIX } from "./left-runs.ts";

/** So many runs of one repository at once are looked past. */
const SLOTS = 16;
const DIGEST_CHARS = 10;
/** What `rename` says of a place that somebody has: a directory with files, another kind of thing, one of another user. */
const HELD = new Set(["ENOTEMPTY", "EEXIST", "ENOTDIR", "EPERM", "EACCES"]);

/**
 * Makes the directory of one run: the same place each time when nobody else has it, because caches name files by their whole path
 * (rust-cache does) or by the way from the workspace (actions/toolkit cache does). Made new and for this user alone; what runs left
 * that were killed is removed before. Throws `AppError`.
 */
export function makeRunDir(repository: string): string {
  const digest = createHash("sha256").update(repository.toLowerCase()).digest("hex").slice(0, DIGEST_CHARS);
  const base = join(tmpdir(), `${RUN_DIR_PREFIX}${digest}`);
  try {
    removeLeftRuns(tmpdir());
    // It says whose it is before it has its name: no moment in which it looks like nobody's.
    const dir = mkdtempSync(`${base}-`);
    claimRunDir(dir);
    for (let slot = 1; slot <= SLOTS; slot += 1)
      if (isMoved(dir, `${base}-${slot}`)) return `${base}-${slot}`;
    return dir;
  } catch (cause) {
    throw new AppError(
      "bad_request",
      `No folder can be made in ${tmpdir()} (${codeOf(cause)}).`,
      "TMPDIR=DIR names another place, with room for a copy of the repository.",
      cause,
    );
  }
}

/** False when something is there already; who made it does not matter. */
function isMoved(dir: string, place: string): boolean {
  try {
    renameSync(dir, place);
    return true;
  } catch (thrown) {
    if (HELD.has(codeOf(thrown))) return false;
    throw thrown;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
}
