import { authorize } from "../commands/authorize.ts";
import type { CommandContext } from "../commands/command.ts";
import { autoCheckName } from "../commands/check-name.ts";
import { createContext } from "../commands/context.ts";
import { whyNoRun } from "../commands/pull-request.ts";
import { rulesFor } from "../commands/rules.ts";
import { narrowLimits } from "../repo-config/narrow.ts";
import type { RepoConfig } from "../repo-config/schema.ts";
import type { Outcome } from "../runs/outcome.ts";
import type { Run } from "../store/rows.ts";
import type { AutoDeps } from "./deps.ts";
import { checkFile } from "./own-file.ts";
import { startEntry, type Entry } from "./start-entry.ts";
import type { Trigger } from "./trigger.ts";

export type AutoRun =
  | { readonly kind: "started"; readonly runs: number }
  /** Nothing of the file is about this, or the server lets nothing start by itself. */
  | { readonly kind: "nothing" }
  | { readonly kind: "broken_file" }
  /** Closed, or pushed to since: another delivery tells of that. */
  | { readonly kind: "moved_on" }
  | { readonly kind: "not_allowed" };

/** Outcomes after which the same commit is worth another run when its pull request is reopened or ready. */
const WORTH_AGAIN: ReadonlySet<Outcome> = new Set([
  "cancelled",
  "superseded",
  "skipped",
  "refused",
  "expired",
  "no_capacity",
  "over_cap",
  "internal",
]);

/**
 * Starts what `.github/crabbox.yml` of the default branch says about a push or a label: at most one run an entry and delivery. A push to
 * the repository's own branch needs no question: who can do that has write access. A label's sender is asked about like a commenter
 * (law 10). Runs of forks' and Dependabot's code are held for an approval (law 11). Safe to repeat.
 */
export async function autoRun(deps: AutoDeps, trigger: Trigger): Promise<AutoRun> {
  const { repository, cause, sender, guid } = trigger;
  const ref = { installationId: trigger.installationId, owner: repository.owner, name: repository.name };
  const loaded = await deps.repoConfig(repository);
  if (cause.kind === "push") await checkFile(deps, ref, trigger, loaded);
  if (loaded.kind === "broken") return { kind: "broken_file" };
  const entries = deps.autoRuns ? entriesFor(loaded.config, trigger) : [];
  if (entries.length === 0) return { kind: "nothing" };

  const made = { repository, pullRequest: trigger.pullRequest, sender, comment: null, source: cause.kind };
  const [authorization, bare] = await Promise.all([
    cause.kind === "label" ? authorize(deps, ref, sender) : null,
    createContext(deps, ref, made, false),
  ]);
  const { pullRequest } = bare;
  if (whyNoRun(pullRequest) !== null || pullRequest.headSha !== trigger.headSha) return { kind: "moved_on" };
  if (authorization?.allowed === false) return { kind: "not_allowed" };

  const role = authorization?.role;
  const actor = role === undefined ? bare.actor : { ...bare.actor, role };
  const config = async () => loaded;
  const asked: CommandContext = { ...bare, actor, config, file: loaded.config, sourceKey: guid };
  if (cause.kind === "label" && !(await rulesFor(deps, asked)).ok) return { kind: "not_allowed" };

  const narrowed = { ...deps, ...narrowLimits(loaded.config, deps.limits, deps.providers) };
  let runs = 0;
  for (const entry of entries) {
    const sourceKey = `${guid}:auto:${entry.name}`;
    if (cause.kind === "push" && !cause.isNew && (await isTested(deps, asked, entry, sourceKey))) continue;
    await startEntry(narrowed, ref, { ...asked, sourceKey }, entry);
    runs += 1;
  }
  return { kind: "started", runs };
}

function entriesFor({ auto, commands }: RepoConfig, { cause }: Trigger): readonly Entry[] {
  return Object.entries(auto).flatMap(([name, entry]) => {
    const command = commands[entry.command];
    const isMeant =
      cause.kind === entry.on && (cause.kind === "push" || isSameLabel(cause.label, entry.label));
    return command !== undefined && isMeant ? [{ name, auto: entry, command }] : [];
  });
}

/** GitHub's labels differ by more than case. */
function isSameLabel(put: string, wanted: string | undefined): boolean {
  return wanted !== undefined && put.toLowerCase() === wanted.toLowerCase();
}

/** Whether this very commit has or gets a result under the entry's check; a merge commit is another one each time. */
async function isTested(
  deps: AutoDeps,
  { repository, pullRequest }: CommandContext,
  entry: Entry,
  sourceKey: string,
): Promise<boolean> {
  if (entry.auto.merge) return false;
  const runs = await deps.store.runs.ofHead(repository.id, pullRequest.headSha);
  const earlier = (run: Run) =>
    run.checkName === autoCheckName(entry.name) &&
    run.pullRequest === pullRequest.number &&
    run.sourceKey !== sourceKey &&
    (run.outcome === null || !WORTH_AGAIN.has(run.outcome));
  return runs.some(earlier);
}
