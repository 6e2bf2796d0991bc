/** A box, a Smart HTTP remote and a repository on it, for tests of the sync. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Task } from "../../runner-bootstrap/boxd/task.ts";
import type { Box, Following } from "./box.ts";
import { makeBox, taskOf } from "./box.ts";
import type { GitServer } from "./git-server.ts";
import { startGitServer } from "./git-server.ts";
import type { Repository } from "./repository.ts";
import { makeRepository } from "./repository.ts";

export type SyncStage = {
  readonly dir: string;
  readonly server: GitServer;
  readonly repository: Repository;
  readonly box: Box;
  /** boxd's own git directory of the repository. */
  readonly gitDir: string;
  task(sha: string, line: string): Task;
  /** Runs a line at a commit, to its end. */
  run(sha: string, line: string): Promise<Following>;
  /** Another repository on the same server. */
  another(name: string): Repository;
  close(): Promise<void>;
};

/** Opens it; `env` is boxd's. */
export async function openSyncStage(env: Record<string, string> = {}): Promise<SyncStage> {
  const dir = mkdtempSync(join(tmpdir(), "boxd-stage-"));
  const server = await startGitServer(join(dir, "srv"));
  const repository = makeRepository(join(dir, "src"), server.bare("o/r.git"));
  const box = await makeBox({ env });
  const task = (sha: string, line: string): Task => {
    const sync = { remote: `${server.origin}/o/r.git`, sha, keep: ["node_modules"], owner: "o", repo: "r" };
    return taskOf({ line, sync, syncToken: server.token });
  };
  return {
    dir,
    server,
    repository,
    box,
    gitDir: box.path("git", "o", "r.git"),
    task,
    async run(sha, line) {
      const front = box.start(task(sha, line));
      await front.done;
      return front;
    },
    another: (name) => makeRepository(join(dir, name.replaceAll("/", "-")), server.bare(name)),
    async close() {
      await server.close();
      box.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** What the sync says it did: `unchanged`, `updated`, `checked_out`, or why it failed. */
export function wayOf(front: Following): string | undefined {
  for (const event of front.events())
    if (event.e === "phase" && event.name === "sync" && event.at === "end") return event.detail;
  return undefined;
}
