import type { Repository, Run } from "../store/rows.ts";
import { authorize, withCap, type Sender } from "./authorize.ts";
import { createContext } from "./context.ts";
import type { DispatchDeps } from "./dispatch.ts";
import { rerun } from "./rerun.ts";
import { rulesFor } from "./rules.ts";

export type RerunRequest = {
  readonly guid: string;
  readonly installationId: number;
  readonly repository: Repository;
  /** Who clicked. */
  readonly sender: Sender;
  /** The finished runs to repeat, each with what tells it apart within this delivery. */
  readonly runs: readonly { readonly part: string; readonly run: Run }[];
};

/** Most runs that one click repeats: as many checks as a page of GitHub's list shows. */
export const MAX_RERUNS = 30;

/**
 * GitHub's own "Re-run": each run again, for whoever has write access now. There is no comment to react to, so a refusal is an answer in
 * the sticky comment, and a stranger gets nothing. Safe to repeat. Answers how many runs were queued.
 */
export async function rerunRequested(
  deps: Omit<DispatchDeps, "react" | "maxAgeMs">,
  request: RerunRequest,
): Promise<number> {
  const { repository, sender } = request;
  const ref = { installationId: request.installationId, owner: repository.owner, name: repository.name };
  let queued = 0;
  for (const { part, run } of request.runs.slice(0, MAX_RERUNS)) {
    const { pullRequest } = run;
    if (pullRequest === null) continue;
    const cause = { repository, pullRequest, sender, comment: null, source: "rerun" } as const;
    const [authorization, context] = await Promise.all([
      authorize(deps, ref, sender),
      createContext(deps, ref, cause, false),
    ]);
    if (!authorization.allowed) {
      deps.log.info(
        { delivery: request.guid, sender: sender.login, why: authorization.why },
        "a re-run was refused",
      );
      return queued;
    }
    const sourceKey = `${request.guid}:${part}`;
    const actor = withCap(context.actor, authorization);
    const rules = await rulesFor(deps, { ...context, actor, sourceKey });
    const reply = rules.ok ? await rerun(rules.deps, rules.context, run) : { ok: false, body: rules.message };
    if (reply.ok) queued++;
    if (reply.body === null) continue;
    await deps.store.answers.put({
      key: sourceKey,
      repositoryId: repository.id,
      pullRequest,
      actor: sender.login,
      body: reply.body,
    });
    await deps.refreshSticky(repository.id, pullRequest);
  }
  return queued;
}
