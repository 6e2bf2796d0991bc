import { fileOptions, fillOptions } from "../repo-config/narrow.ts";
import type { RepoConfig } from "../repo-config/schema.ts";
import { endPrevious } from "../runs/group.ts";
import type { RunOptions } from "../store/rows.ts";
import type { CommandContext, CommandDeps, CommandText, Reply } from "./command.ts";
import { newRun } from "./new-run.ts";
import { noop } from "./noop.ts";
import { whyNoRun } from "./pull-request.ts";
import { forActor, settleOptions, type AskedOptions } from "./run-options.ts";
import { whyNotHead } from "./steps-flag.ts";
import { whyNotUntrusted } from "./untrusted.ts";

export type WantedRun = {
  readonly command: CommandText;
  /** The check's name, by the class and provider that were asked for. */
  readonly checkName: (asked: readonly string[]) => string;
  readonly asked: AskedOptions;
  /** Options of a named command. */
  readonly named: RepoConfig["defaults"];
  /** What the run keeps besides. */
  readonly options: Pick<RunOptions, "hydrate" | "job" | "stepsFrom">;
  /** Only say what would happen. */
  readonly noop: boolean;
};

/** A run of the head commit as it is now, within what server and file allow; queued, or held (law 11). Safe to repeat with the same context. */
export async function startRun(
  deps: CommandDeps,
  context: CommandContext,
  wanted: WantedRun,
): Promise<Reply> {
  const refusal = whyNoRun(context.pullRequest) ?? whyNotHead(wanted.options, context);
  if (refusal !== null) return { ok: false, body: refusal };
  const filled = fillOptions(context.file, wanted.asked, wanted.named, deps.limits);
  const settled = settleOptions(filled, deps.limits, deps.providers);
  if (!settled.ok) return { ok: false, body: settled.message };
  const untrusted = await whyNotUntrusted(deps, context, filled.provider);
  if (untrusted !== null) return { ok: false, body: untrusted };
  const { options, notes } = settled.value;
  const { stepsFrom } = wanted.options;
  const whose = stepsFrom === undefined ? undefined : `steps from ${stepsFrom}`;
  const asked = [wanted.asked.class, wanted.asked.provider, whose].filter((name) => name !== undefined);
  const run = newRun(deps, context, {
    command: wanted.command,
    checkName: wanted.checkName(asked),
    options: forActor({ ...options, ...fileOptions(context.file), ...wanted.options }, context.actor),
    baseSha: await context.baseTip(),
    checkoutSha: context.pullRequest.headSha,
  });
  if (wanted.noop) return noop(deps, context, run, notes);
  await endPrevious(deps, await deps.enqueue(run));
  return { ok: true, body: notes.length === 0 ? null : notes.join(" ") };
}
