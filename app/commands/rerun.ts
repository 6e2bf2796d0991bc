import { inlineCode } from "../clamp.ts";
import type { Run } from "../store/rows.ts";
import type { CommandContext, CommandDeps, Reply } from "./command.ts";
import { whyNoRun } from "./pull-request.ts";
import { forActor, settleOptions } from "./run-options.ts";

/** Longest part of a command that an answer repeats. */
const COMMAND_BYTES = 100;

/** A new run of the same command and commit, within what the server allows now. The first run must be done. */
export async function rerun(
  deps: Pick<CommandDeps, "ids" | "limits" | "providers" | "enqueue">,
  context: CommandContext,
  first: Run,
): Promise<Reply> {
  const refusal = whyNoRun(context.pullRequest);
  if (refusal !== null) return { ok: false, body: refusal };
  if (first.state !== "done") {
    return {
      ok: false,
      body: `Run \`${first.id}\` (${inlineCode(first.command, COMMAND_BYTES)}) has not ended yet. Comment \`/crabbox cancel ${first.id}\` to end it first.`,
    };
  }
  const settled = settleOptions(first.options, deps.limits, deps.providers);
  if (!settled.ok) return { ok: false, body: settled.message };
  await deps.enqueue({
    id: deps.ids.run(),
    source: context.source,
    sourceKey: context.sourceKey,
    accountId: first.accountId,
    repositoryId: first.repositoryId,
    pullRequest: first.pullRequest,
    commentId: context.commentId,
    headSha: first.headSha,
    checkoutSha: first.checkoutSha,
    baseSha: first.baseSha,
    baseRef: first.baseRef,
    headRef: first.headRef,
    actor: context.actor.login,
    actorId: context.actor.id,
    checkName: first.checkName,
    commandKind: first.commandKind,
    command: first.command,
    options: forActor(settled.value.options, context.actor),
    retryOf: first.id,
    trustDomain: first.trustDomain,
  });
  return { ok: true, body: settled.value.notes.length === 0 ? null : settled.value.notes.join(" ") };
}
