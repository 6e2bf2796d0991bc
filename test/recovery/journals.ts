import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export type Journals = {
  /** Keeps every journal that is on a box now, by a second name for the same file: it stays when boxd lets go of it. */
  keep(): void;
  /** Attempts whose copy in the App differs from boxd's own journal, or is not there, with both sizes. */
  differences(): readonly string[];
  kept(): number;
};

/** The journals as boxd wrote them, beside what the App made of them. `taskRoots`: directories that hold boxes' `tasks`. */
export function watchJournals(
  taskRoots: () => readonly string[],
  keepDir: string,
  logsDir: string,
): Journals {
  mkdirSync(keepDir, { recursive: true });
  const copyOf = (id: string) => join(logsDir, id.slice(4, 6), `${id}.journal`);
  return {
    keep() {
      for (const root of taskRoots()) {
        for (const id of list(join(root, "tasks")).filter((name) => name.startsWith("att_"))) {
          const journal = join(root, "tasks", id, "journal");
          const kept = join(keepDir, id);
          if (existsSync(journal) && !existsSync(kept)) linkSync(journal, kept);
        }
      }
    },
    differences() {
      return list(keepDir).flatMap((id) => {
        const journal = readFileSync(join(keepDir, id));
        const copy = existsSync(copyOf(id)) ? readFileSync(copyOf(id)) : Buffer.alloc(0);
        return journal.equals(copy) ? [] : [`${id}: box ${journal.length} bytes, App ${copy.length}`];
      });
    },
    kept: () => list(keepDir).length,
  };
}

/** Root directories of the local provider's boxes. */
export function localRoots(stateDir: string): readonly string[] {
  const boxes = join(stateDir, "local", "boxes");
  return list(boxes).map((ref) => join(boxes, ref, "root"));
}

function list(dir: string): readonly string[] {
  return existsSync(dir) ? readdirSync(dir) : [];
}
