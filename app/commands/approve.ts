import { whyNotInTeam } from "../forks/admit.ts";
import { whyNotAllowed } from "../forks/policy.ts";
import { sourceOf } from "../forks/source.ts";
import type { CommandContext, CommandDeps, Reply } from "./command.ts";
import { whyNoRun } from "./pull-request.ts";
import { answerOf } from "./untrusted.ts";

/** What `approveCommit` uses. */
export type ApproveDeps = Pick<CommandDeps, "forkPolicy" | "inTeam" | "released"> & {
  readonly store: Pick<CommandDeps["store"], "approvals">;
};

/**
 * Approves one commit of a fork's or Dependabot's pull request (law 11) and lets the held runs of it start: the one way, for the command
 * and for the button. `context` is of this moment: its pull request was just asked of GitHub, and its actor was authorised as a
 * writer for this very act. `sha` is the commit the person saw, all 40 hex digits. Safe to repeat with the same `sourceKey`.
 */
export async function approveCommit(deps: ApproveDeps, context: CommandContext, sha: string): Promise<Reply> {
  const { repository, pullRequest, actor } = context;
  const obstacle = await whyNotNow(deps, context, sha);
  if (obstacle !== null || pullRequest.headRepositoryId === null)
    return { ok: false, body: obstacle ?? "The fork is gone." };
  const { released } = await deps.store.approvals.grant({
    sourceKey: context.sourceKey,
    repositoryId: repository.id,
    pullRequest: pullRequest.number,
    sha,
    headRepositoryId: pullRequest.headRepositoryId,
    baseRef: pullRequest.baseRef,
    private: pullRequest.repository.private,
    actor: actor.login,
    actorId: actor.id,
  });
  deps.released(released);
  const starts = released.length === 1 ? "1 run starts." : `${released.length} runs start.`;
  const what =
    released.length === 0 ? "Nothing waited for it; commands on this commit start at once." : starts;
  return { ok: true, body: `Approved \`${sha}\`. ${what} A new push needs a new approval.` };
}

/** Why this person's approval of this commit does not count now, with what to do; null when it does. */
async function whyNotNow(deps: ApproveDeps, context: CommandContext, sha: string): Promise<string | null> {
  const { repository, pullRequest, actor } = context;
  const closed = whyNoRun(pullRequest);
  if (closed !== null) return closed;
  if (pullRequest.repository.archived)
    return "This repository is archived, so nothing is run. Take it out of the archive first.";
  if (sourceOf(pullRequest) === "own")
    return "This pull request comes from a branch of this repository: its runs need no approval.";
  // A bot's word would let whoever writes to the bot approve.
  if (actor.capMicroUsd !== undefined)
    return "An approval is a person's word that they read the commit, so a bot's does not count. Ask somebody with write access.";
  const policy = await deps.forkPolicy(repository);
  const never = whyNotAllowed(policy, pullRequest.baseRef);
  if (never !== null) return answerOf(never);
  if (sha !== pullRequest.headSha) {
    return (
      `Commit \`${sha}\` is not the head of this pull request now: it was pushed to meanwhile, or the commit is another one's. ` +
      "Read the newest commit and comment the command again; its check prints what to approve."
    );
  }
  const team = policy.kind === "approve" ? policy.team : null;
  const outside = team === null ? null : await whyNotInTeam(deps, repository, team, actor.login);
  return outside === null ? null : answerOf(outside);
}
