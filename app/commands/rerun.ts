import { inlineCode } from "../clamp.ts";
import { domainOf } from "../forks/source.ts";
import { isUntrusted } from "../leases/lease.ts";
import { fileOptions } from "../repo-config/narrow.ts";
import { endPrevious } from "../runs/group.ts";
import type { Run } from "../store/rows.ts";
import type { CommandContext, CommandDeps, Reply } from "./command.ts";
import { againOf } from "./again.ts";
import { whyNoRun } from "./pull-request.ts";
import { forActor, settleOptions } from "./run-options.ts";
import { whyNotHead } from "./steps-flag.ts";
import { whyNotUntrusted } from "./untrusted.ts";

/** Longest part of a command that an answer repeats. */
const COMMAND_BYTES = 100;

/** A new run of the same command and commit (an automatic one: of what the default branch says now), within what the server allows now. The first run must be done. */
export async function rerun(
  deps: Pick<
    CommandDeps,
    "ids" | "limits" | "providers" | "store" | "enqueue" | "cancelRun" | "forkPolicy" | "mergeCommit"
  >,
  context: CommandContext,
  first: Run,
): Promise<Reply> {
  const { stepsFrom } = first.options;
  const steps = stepsFrom === undefined ? {} : { stepsFrom };
  const refusal = whyNoRun(context.pullRequest) ?? whyNotHead(steps, context);
  if (refusal !== null) return { ok: false, body: refusal };
  const name = `Run \`${first.id}\` (${inlineCode(first.command, COMMAND_BYTES)})`;
  if (first.state !== "done" && first.state !== "reporting") {
    const why =
      first.state === "held"
        ? `waits for an approval: a writer comments \`/crabbox approve ${first.headSha}\`.`
        : `has not ended yet. Comment \`/crabbox cancel ${first.id}\` to end it first.`;
    return { ok: false, body: `${name} ${why}` };
  }
  const open = context.source === "rerun" ? await openRepeat(deps, context, first) : null;
  // GitHub tells of each press by a delivery of its own: two people, or two tabs, mean one.
  if (open !== null) return { ok: false, body: repeatedBy(name, open) };
  const again = await againOf(deps, context, first);
  if (!again.ok) return { ok: false, body: again.message };
  const settled = settleOptions(again.asked, deps.limits, deps.providers);
  if (!settled.ok) return { ok: false, body: settled.message };
  const domain = domainOf(context.repository.id, context.pullRequest, stepsFrom);
  if (isUntrusted(first.trustDomain) || isUntrusted(domain)) {
    const untrusted = await whyNotUntrusted(deps, context, again.asked.provider);
    if (untrusted !== null) return { ok: false, body: untrusted };
    if (first.headSha !== context.pullRequest.headSha || first.baseRef !== context.pullRequest.baseRef) {
      return {
        ok: false,
        body: `${name} was of an older state of this pull request, and only its present commit can be approved. Comment the command itself again.`,
      };
    }
  }
  const id = deps.ids.run();
  const wanted = {
    id,
    source: context.source,
    sourceKey: context.sourceKey,
    accountId: first.accountId,
    repositoryId: first.repositoryId,
    pullRequest: first.pullRequest,
    commentId: context.commentId,
    headSha: first.headSha,
    ...again.run,
    baseRef: first.baseRef,
    headRef: first.headRef,
    headRepositoryId: context.pullRequest.headRepositoryId,
    actor: context.actor.login,
    actorId: context.actor.id,
    checkName: first.checkName,
    options: forActor(
      {
        ...settled.value.options,
        ...fileOptions(context.file),
        ...steps,
        ...(first.options.hydrate?.by === "name" ? { hydrate: first.options.hydrate } : {}),
        ...(first.options.job === undefined ? {} : { job: first.options.job }),
      },
      context.actor,
    ),
    retryOf: first.id,
    trustDomain: domain,
  };
  const made = await deps.enqueue(wanted, again.ended);
  await endPrevious(deps, made);
  // Two people pressed, or one whose page was old: the run of the first press is what both get.
  if (made.id !== id && context.source === "button") return { ok: true, body: repeatedBy(name, made) };
  return { ok: true, body: settled.value.notes.length === 0 ? null : settled.value.notes.join(" ") };
}

/** A repeat of this run by another press that has not ended yet; null when there is none. */
async function openRepeat(
  { store }: { readonly store: { readonly runs: Pick<CommandDeps["store"]["runs"], "unfinished"> } },
  { repository, pullRequest, sourceKey }: CommandContext,
  first: Run,
): Promise<Run | null> {
  const open = await store.runs.unfinished({ repositoryId: repository.id, pullRequest: pullRequest.number });
  return open.find((run) => run.retryOf === first.id && run.sourceKey !== sourceKey) ?? null;
}

function repeatedBy(name: string, { id }: Run): string {
  return `${name} is repeated by run \`${id}\`; its check has a button of its own.`;
}
