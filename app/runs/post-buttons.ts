import { z } from "zod";
import { AppError } from "../errors.ts";
import type { CheckButtons } from "../github/check-buttons.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { RunId } from "../ids.ts";
import type { Repository } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { buttonsOf } from "./buttons.ts";

export type PostButtonsDeps = {
  readonly store: Pick<Store, "runs" | "repositories" | "attempts" | "leases" | "outside">;
  readonly checkButtons: CheckButtons;
  readonly where: (repository: Repository) => Promise<RepositoryRef>;
  readonly keepMs: number;
};

const Posted = z.object({ id: z.number() });

/**
 * Shows the buttons that fit a finished run as things are now: its box may be gone. The result itself is not sent again. Whoever presses a
 * button that is still there gets an answer, so nothing depends on this; safe to repeat.
 */
export async function postButtons(deps: PostButtonsDeps, runId: RunId, signal: AbortSignal): Promise<void> {
  const run = await deps.store.runs.get(runId);
  // Until then the result's own report brings them.
  if (run === null || run.state !== "done") return;
  const repository = await deps.store.repositories.get(run.repositoryId);
  const posted = Posted.safeParse((await deps.store.outside.get(`check:${run.id}`))?.result);
  if (repository === null || !posted.success) return;
  const attempt = (await deps.store.attempts.ofRun(run.id)).at(-1);
  const lease = attempt === undefined ? null : await deps.store.leases.get(attempt.leaseId);
  const actions = buttonsOf({ run, lease, keepMs: deps.keepMs });
  try {
    const where = await deps.where(repository);
    await deps.checkButtons.replace(where, posted.data.id, actions, { priority: "progress", signal });
  } catch (thrown) {
    if (!(thrown instanceof AppError)) throw thrown;
    // Nobody is there to press them any more.
    if (thrown.code !== "github_gone" && thrown.code !== "github_refused") throw thrown;
  }
}
