import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Leases live hours; what is older belongs to none. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** On which slot each lease was to be claimed, on disk before the claim. */
export type Intents = {
  of(leaseId: string): string | null;
  set(leaseId: string, slot: string): void;
  clear(leaseId: string): void;
};

/** Keeps intents as files in `dir`, and forgets old ones at start. Lease ids were checked to be file names. */
export function createIntents(dir: string, now: number): Intents {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(dir)) {
    if (statSync(join(dir, name)).mtimeMs < now - KEPT_MS) rmSync(join(dir, name), { force: true });
  }
  return {
    of(leaseId) {
      try {
        return readFileSync(join(dir, leaseId), "utf8");
      } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
        throw error;
      }
    },
    set(leaseId, slot) {
      const file = join(dir, leaseId);
      writeFileSync(`${file}.new`, slot, { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    },
    clear: (leaseId) => rmSync(join(dir, leaseId), { force: true }),
  };
}
