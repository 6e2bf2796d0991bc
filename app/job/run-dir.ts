import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../errors.ts";

/** So many runs of one repository at once, or left by runs that were killed, are looked past. */
const SLOTS = 16;
const DIGEST_CHARS = 10;

/**
 * Makes the directory of one run: the same place each time when nobody else has it, because caches name files by their whole path
 * (rust-cache does) or by the way from the workspace (actions/toolkit cache does). Made new and for this user alone. Throws `AppError`.
 */
export function makeRunDir(repository: string): string {
  const digest = createHash("sha256").update(repository.toLowerCase()).digest("hex").slice(0, DIGEST_CHARS);
  const base = join(tmpdir(), `crabbox-job-${digest}`);
  try {
    for (let slot = 1; slot <= SLOTS; slot += 1) if (isMade(`${base}-${slot}`)) return `${base}-${slot}`;
    return mkdtempSync(`${base}-`);
  } catch (cause) {
    throw new AppError(
      "bad_request",
      `No folder can be made in ${tmpdir()} (${codeOf(cause)}).`,
      "TMPDIR=DIR names another place, with room for a copy of the repository.",
      cause,
    );
  }
}

/** False when it is there already; who made it does not matter. */
function isMade(dir: string): boolean {
  try {
    mkdirSync(dir, { mode: 0o700 });
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === "EEXIST") return false;
    throw thrown;
  }
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
}
