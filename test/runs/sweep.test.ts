import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { JournalCopy } from "../../runner-bootstrap/boxd/journal-copy.ts";
import { sweepBox } from "../../app/runs/sweep.ts";
import type { BoxLink } from "../../app/ssh/boxd-client.ts";
import { until } from "../servers/until.ts";
import { taskFrame } from "../ssh/journal-frames.ts";
import { executeStage } from "./execute-stage.ts";

let stage: Awaited<ReturnType<typeof executeStage>>;
beforeEach(async () => {
  stage = await executeStage();
  await stage.logs.append(stage.id, 0, [taskFrame(stage.id)]);
  await stage.store.attempts.end(stage.id, { exit: null, executed: true });
});
afterEach(() => stage.end());

/** Sweeps with a box that keeps what it is told to; answers what it was asked, once all is done. */
async function sweepWith(kept: readonly string[]): Promise<readonly JournalCopy[]> {
  const asked: JournalCopy[] = [];
  let prepared = false;
  const link = {
    async sweep(copies: readonly JournalCopy[]) {
      asked.push(...copies);
      return kept;
    },
    prepare: async () => void (prepared = true),
  } as unknown as BoxLink;
  const { store, logs, deps } = stage;
  const links = { ...deps.links, get: async () => link };
  sweepBox({ store, logs, links, log: deps.log }, await stage.attempt());
  await until(() => prepared, "the sweep");
  return asked;
}

it("proves its copy by hash; what the box let go of is swept, once", async () => {
  const sha256 = createHash("sha256").update(taskFrame(stage.id)).digest("hex");
  expect(await sweepWith([])).toEqual([{ id: stage.id, sha256 }]);
  const box = await stage.store.boxes.ofLease((await stage.attempt()).leaseId);
  expect(await stage.store.attempts.unswept(box?.id ?? "box_000000000000")).toEqual([]);
});

it("what the box keeps, because the copy differs, stays unswept", async () => {
  await sweepWith([stage.id]);
  expect((await stage.attempt()).swept).toBe(false);
});
