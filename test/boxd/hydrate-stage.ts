/** A box, a repository to sync and archives of actions, for the tests of hydration. */

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import type { PlanStep } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { ActionArchive, HydratePhase, Task } from "../../runner-bootstrap/boxd/task.ts";
import { planOf } from "../hydrate/engine/plans.ts";
import type { Box, Following } from "./box.ts";
import { makeBox, taskOf } from "./box.ts";
import { startGitServer } from "./git-server.ts";
import { makeRepository } from "./repository.ts";

export type HydrateStage = {
  readonly box: Box;
  task(parts: Parameters<typeof taskOf>[0]): Task;
  /** Packs a tree and puts it onto the box. */
  archive(name: string, files: Readonly<Record<string, string>>): ActionArchive;
  close(): Promise<void>;
};

export async function makeHydrateStage(
  files: Readonly<Record<string, string>> = {},
  uid?: number,
): Promise<HydrateStage> {
  const dir = mkdtempSync(join(tmpdir(), "boxd-hydrate-"));
  const server = await startGitServer(join(dir, "srv"));
  const repository = makeRepository(join(dir, "src"), server.bare("o/r.git"));
  repository.write({ "a.txt": "a\n", ...files });
  const sha = repository.commit("first");
  const sync = { remote: `${server.origin}/o/r.git`, sha, keep: ["node_modules"], owner: "o", repo: "r" };
  const box = await makeBox(uid === undefined ? {} : { uid });
  return {
    box,
    task: (parts) => taskOf({ sync, syncToken: server.token, ...parts }),
    archive(name, tree) {
      const root = join(dir, "trees", name);
      for (const [path, text] of Object.entries(tree)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), text, { mode: 0o755 });
      }
      const bytes = execFileSync("tar", ["-czf", "-", "-C", root, "."]);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      mkdirSync(box.path("blobs"), { recursive: true });
      writeFileSync(box.path("blobs", sha256), bytes);
      return { archive: name, sha256, sizeBytes: bytes.length };
    },
    async close() {
      await server.close();
      box.remove();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A hydration of these steps and nothing else. */
export function phaseOf(
  fingerprint: string,
  steps: readonly PlanStep[],
  over: Parameters<typeof planOf>[1] = {},
  archives: readonly ActionArchive[] = [],
): HydratePhase {
  return { plan: planOf(steps, over), archives, fingerprint };
}

/** `name conclusion` of every step that ended, in their order. */
export function endsOf(front: Following): readonly string[] {
  return front
    .events()
    .flatMap((event) =>
      event.e === "step" && event.at === "end" ? [`${event.n} ${event.name} ${event.conclusion}`] : [],
    );
}
