import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const keptSchema = z.object({ hostKey: z.string(), expiresAt: z.number() });

/** What the App keeps of a box on its own disk: labels cannot change, and a box is not believed about its own end. */
export type KeptBox = z.output<typeof keptSchema>;

export type KeptBoxes = {
  /** Null when nothing is kept: it is asked for again. */
  of(ref: string): KeptBox | null;
  keep(ref: string, box: KeptBox): void;
  drop(ref: string): void;
};

/** Files below `dir`, one a box. */
export function createKeptBoxes(dir: string): KeptBoxes {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = (ref: string) => join(dir, `${ref}.json`);
  return {
    of(ref) {
      try {
        return keptSchema.parse(JSON.parse(readFileSync(file(ref), "utf8")));
      } catch {
        // Not there, or cut off by a crash: the daemon tells the key again, and the label the first expiry.
        return null;
      }
    },
    keep(ref, box) {
      writeFileSync(`${file(ref)}.new`, JSON.stringify(box), { mode: 0o600, flush: true });
      renameSync(`${file(ref)}.new`, file(ref));
    },
    drop(ref) {
      rmSync(file(ref), { force: true });
    },
  };
}
