import type { MergeCommit } from "../auto/merge-commit.ts";
import { fillOptions } from "../repo-config/narrow.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { EndedRun, NewRun } from "../store/runs.ts";
import { autoEntryName } from "./check-name.ts";
import type { CommandContext, CommandDeps } from "./command.ts";
import { textOf } from "./find-command.ts";
import type { PullRequestFacts } from "./pull-request.ts";
import type { AskedOptions } from "./run-options.ts";

/** What a repetition of a run executes. */
export type Again =
  | {
      readonly ok: true;
      readonly run: Pick<NewRun, "command" | "commandKind" | "checkoutSha" | "baseSha">;
      readonly asked: AskedOptions;
      /** It is not to start: there is nothing to test. */
      readonly ended?: EndedRun;
    }
  | { readonly ok: false; readonly message: string };

export type AgainDeps = Pick<CommandDeps, "limits"> & {
  readonly mergeCommit: (repository: Repository, pull: PullRequestFacts) => Promise<MergeCommit>;
};

/**
 * A run again: the same command and commit. A run of an `auto` entry is what the default branch says of that entry now, on a merge
 * commit of now where it tests one: a branch rule may require its check, so an old command or commit must not satisfy it.
 */
export async function againOf(deps: AgainDeps, context: CommandContext, first: Run): Promise<Again> {
  const { command, commandKind, checkoutSha, baseSha, checkName, options } = first;
  const same = { command, commandKind, checkoutSha, baseSha };
  const name = autoEntryName(checkName);
  if (name === null) return { ok: true, run: same, asked: options };
  const { file, pullRequest } = context;
  const entry = Object.hasOwn(file.auto, name) ? file.auto[name] : undefined;
  const named = entry === undefined ? undefined : file.commands[entry.command];
  if (entry === undefined || named === undefined) {
    return {
      ok: false,
      message: `\`auto\` of the default branch's \`.github/crabbox.yml\` has no entry \`${name}\` any more, so there is nothing to repeat.`,
    };
  }
  const text = textOf(named);
  const asked = fillOptions(file, {}, named, deps.limits);
  const run = { ...same, command: text.text, commandKind: text.kind };
  if (!entry.merge) return { ok: true, run: { ...run, checkoutSha: first.headSha }, asked };
  if (first.headSha !== pullRequest.headSha) {
    return {
      ok: false,
      message: `Run \`${first.id}\` was of an older commit of this pull request, and only the merge of its present one is tested.`,
    };
  }
  const merge = await deps.mergeCommit(context.repository, pullRequest);
  if (!merge.ok) return { ok: true, run: { ...run, checkoutSha: first.headSha }, asked, ended: merge.ended };
  return { ok: true, run: { ...run, checkoutSha: merge.sha, baseSha: merge.baseSha }, asked };
}
