import type { Log } from "../log.ts";
import type { Attempt } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { BoxLinks } from "./box-links.ts";

export type SweepDeps = {
  readonly store: Pick<Store, "attempts" | "boxes">;
  readonly links: BoxLinks;
  readonly log: Log;
};

/**
 * Lets boxd forget the ended tasks of one attempt's box, whose journals are ours by now. Best effort: what was not swept is swept
 * after the next attempt on that box, or goes with the box.
 */
export function sweepBox(deps: SweepDeps, attempt: Attempt): void {
  const work = async () => {
    const box = await deps.store.boxes.ofLease(attempt.leaseId);
    if (box === null || box.state !== "leased") return;
    const done = await deps.store.attempts.unswept(box.id);
    if (done.length === 0) return;
    const link = await deps.links.get(box, AbortSignal.timeout(30_000));
    await link.sweep(done.map(({ id }) => id));
    for (const { id } of done) await deps.store.attempts.swept(id);
    // The next task finds a process that waits for it: one round trip less.
    await link.prepare();
  };
  work().catch((error: unknown) =>
    deps.log.info({ err: error, attempt: attempt.id }, "a box was not swept yet"),
  );
}
