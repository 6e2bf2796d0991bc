import { renameSync } from "node:fs";
import { join } from "node:path";
import { removeJobDir } from "./job-home.ts";
import type { RepositoryFacts } from "./repository-facts.ts";
import { makeRunDir } from "./run-dir.ts";
import { copyWorkingTree } from "./working-copy.ts";

export type Run = {
  readonly facts: RepositoryFacts;
  /** Of this run alone, on one file system. */
  readonly dir: string;
  /** Puts a copy of the working tree there, for a job of its own. Rejects when it cannot be made. */
  copyTo(workspace: string): Promise<void>;
  /** Ends what still copies and removes the directory. Safe to repeat. */
  close(): Promise<void>;
};

/**
 * Makes the directory of a run and begins the first job's copy in it: git and tar take as long as reading and planning the workflows,
 * and both are done at once. Throws `AppError` where no directory can be made.
 */
export function openRun(facts: RepositoryFacts): Run {
  const dir = makeRunDir(`${facts.owner}/${facts.name}`);
  const ahead = join(dir, "ahead");
  const closed = new AbortController();
  const coming = copyWorkingTree(facts, ahead, closed.signal);
  // Whoever takes it hears of what went wrong.
  coming.catch(() => undefined);
  let first: Promise<void> | null = coming;
  const atExit = (): void => removeAtExit(dir);
  process.once("exit", atExit);
  return {
    facts,
    dir,
    async copyTo(workspace) {
      if (first === null) return copyWorkingTree(facts, workspace, closed.signal);
      const made = first;
      first = null;
      await made;
      renameSync(ahead, workspace);
    },
    async close() {
      closed.abort();
      await coming.catch(() => undefined);
      removeJobDir(dir);
      process.off("exit", atExit);
    },
  };
}

/** A second Ctrl-C waits for nobody; nothing stays all the same. */
function removeAtExit(dir: string): void {
  try {
    removeJobDir(dir);
  } catch {
    // git or tar may still write there. The next run removes it.
  }
}
