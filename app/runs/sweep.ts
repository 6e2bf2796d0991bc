import { createHash } from "node:crypto";
import type { JournalCopy } from "../../runner-bootstrap/boxd/journal-copy.ts";
import type { Log } from "../log.ts";
import type { LogStore } from "../store/logs.ts";
import type { Attempt } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { BoxLinks } from "./box-links.ts";

export type SweepDeps = {
  readonly store: Pick<Store, "attempts" | "boxes">;
  readonly logs: Pick<LogStore, "stream">;
  readonly links: BoxLinks;
  readonly log: Log;
};

/** At once: a journal is read whole on both sides to prove the copy. What is left is swept after the next attempt. */
const MAX_TASKS = 100;

/**
 * Lets boxd forget the ended tasks of one attempt's box, whose journals are ours by now: their hashes prove it. Best effort: what was not swept is swept
 * after the next attempt on that box, or goes with the box.
 */
export function sweepBox(deps: SweepDeps, attempt: Attempt): void {
  const work = async () => {
    const box = await deps.store.boxes.ofLease(attempt.leaseId);
    if (box === null || box.state !== "leased") return;
    const done = (await deps.store.attempts.unswept(box.id)).slice(0, MAX_TASKS);
    if (done.length === 0) return;
    const link = await deps.links.get(box, AbortSignal.timeout(30_000));
    const copies: JournalCopy[] = [];
    for (const { id } of done) copies.push({ id, sha256: await hashOf(deps.logs, id) });
    const kept = new Set(await link.sweep(copies));
    for (const { id } of done) {
      if (!kept.has(id)) await deps.store.attempts.swept(id);
      else deps.log.error({ attempt: id, box: box.id }, "a log differs from the box's own; the box keeps it");
    }
    // The next task finds a process that waits for it: one round trip less.
    await link.prepare();
  };
  work().catch((error: unknown) =>
    deps.log.info({ err: error, attempt: attempt.id }, "a box was not swept yet"),
  );
}

async function hashOf(logs: SweepDeps["logs"], id: Attempt["id"]): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of logs.stream(id, 0)) hash.update(piece);
  return hash.digest("hex");
}
