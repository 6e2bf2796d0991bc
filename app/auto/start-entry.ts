import { autoCheckName } from "../commands/check-name.ts";
import type { CommandContext } from "../commands/command.ts";
import { textOf } from "../commands/find-command.ts";
import { newRun } from "../commands/new-run.ts";
import { settleOptions } from "../commands/run-options.ts";
import { whyNotUntrusted } from "../commands/untrusted.ts";
import type { RepositoryRef } from "../github/hub.ts";
import { fileOptions, fillOptions } from "../repo-config/narrow.ts";
import type { AutoEntry, NamedCommand } from "../repo-config/schema.ts";
import { endPrevious } from "../runs/group.ts";
import type { Run } from "../store/rows.ts";
import type { EndedRun } from "../store/runs.ts";
import type { AutoDeps } from "./deps.ts";
import { skipOf } from "./skip.ts";

export type Entry = { readonly name: string; readonly auto: AutoEntry; readonly command: NamedCommand };

/**
 * One entry's run for the pull request's head. What is not to run is reported all the same, under the same name: a check that a branch
 * rule requires is never missing. `deps` and `context` are narrowed by the file already. Safe to repeat.
 */
export async function startEntry(
  deps: AutoDeps,
  ref: RepositoryRef,
  context: CommandContext,
  { name, auto, command }: Entry,
): Promise<Run> {
  const { pullRequest, file } = context;
  const filled = fillOptions(file, {}, command, deps.limits);
  const settled = settleOptions(filled, deps.limits, deps.providers);
  const untrusted = await whyNotUntrusted(deps, context, filled.provider);
  const skip = await skipOf(deps, ref, pullRequest, auto, file);
  const target =
    skip.kind === "run" && auto.merge ? await deps.mergeCommit(context.repository, pullRequest) : null;
  const ended = endOf(
    skip.kind === "skip" ? { outcome: "skipped", detail: { message: `${skip.why}.` } } : null,
    settled.ok ? null : refused(settled.message),
    untrusted === null ? null : refused(untrusted),
    target?.ok === false ? target.ended : null,
  );
  const { timeoutMs, ttlMs, idleMs } = deps.limits;
  const fallback = {
    class: deps.limits.defaultClass,
    timeoutMs: timeoutMs.default,
    ttlMs: ttlMs.default,
    idleMs: idleMs.default,
  };
  const notes = [
    ...(skip.kind === "run" && skip.note !== null ? [skip.note] : []),
    ...(settled.ok ? settled.value.notes : []),
  ];
  const run = await deps.enqueue(
    newRun(deps, context, {
      command: textOf(command),
      checkName: autoCheckName(name),
      options: {
        ...(settled.ok ? settled.value.options : fallback),
        ...fileOptions(file),
        ...(notes.length === 0 ? {} : { notes }),
      },
      baseSha: target?.ok === true ? target.baseSha : await context.baseTip(),
      checkoutSha: target?.ok === true ? target.sha : pullRequest.headSha,
    }),
    ended,
  );
  await endPrevious(deps, run);
  return run;
}

/** The first reason counts: what is skipped need not be allowed. */
function endOf(...ends: readonly (EndedRun | null)[]): EndedRun | undefined {
  return ends.find((end) => end !== null) ?? undefined;
}

function refused(message: string): EndedRun {
  return { outcome: "refused", detail: { message } };
}
