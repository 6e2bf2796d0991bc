import { AppError } from "../errors.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { RepoConfigs } from "../repo-config/load.ts";
import { NO_CONFIG } from "../repo-config/schema.ts";
import type { Repository, Run } from "../store/rows.ts";
import type { Actor, Command, CommandContext } from "./command.ts";
import type { PullRequestFacts } from "./pull-request.ts";

export type BaseDeps = {
  readonly commands: readonly Command[];
  readonly pullRequest: (repository: RepositoryRef, number: number) => Promise<PullRequestFacts>;
  /** The commit at the tip of a branch; `github_gone` when there is none. */
  readonly branchTip: (repository: RepositoryRef, branch: string) => Promise<string>;
  /** `.github/crabbox.yml` of the default branch; `tip` when that is known already. */
  readonly repoConfig: RepoConfigs["load"];
};

type Cause = {
  readonly repository: Repository;
  readonly pullRequest: number;
  readonly sender: Actor;
  readonly comment: { readonly id: number } | null;
  readonly source?: Run["source"];
};

/**
 * What the commands of one cause act on, from one round of calls to GitHub. Nearly every pull request goes to the default branch, so
 * its tip is asked for at the same time; another base costs a second call.
 */
export async function createContext(
  deps: BaseDeps,
  ref: RepositoryRef,
  cause: Cause,
  needsBase: boolean,
): Promise<Omit<CommandContext, "sourceKey">> {
  const { repository } = cause;
  const tipping = needsBase ? tipOrNull(deps, ref, repository.defaultBranch) : Promise.resolve(null);
  // Begun beside the other calls; an error is the business of who asks for it.
  let config = needsBase ? tipping.then((known) => deps.repoConfig(repository, known ?? undefined)) : null;
  config?.catch(() => undefined);
  const [pullRequest, defaultTip] = await Promise.all([deps.pullRequest(ref, cause.pullRequest), tipping]);
  let tip: Promise<string> | null = null;
  const ask = async () => {
    const known = pullRequest.baseRef === repository.defaultBranch ? defaultTip : null;
    // A base branch that was deleted meanwhile has no tip; GitHub closes such pull requests by itself.
    return known ?? (await tipOrNull(deps, ref, pullRequest.baseRef)) ?? pullRequest.baseSha;
  };
  return {
    source: cause.source ?? "comment",
    repository,
    pullRequest,
    baseTip: () => (tip ??= ask()),
    config: () => (config ??= deps.repoConfig(repository)),
    file: NO_CONFIG,
    actor: { id: cause.sender.id, login: cause.sender.login },
    commentId: cause.comment?.id ?? null,
    commands: deps.commands,
  };
}

async function tipOrNull(deps: BaseDeps, ref: RepositoryRef, branch: string): Promise<string | null> {
  try {
    return await deps.branchTip(ref, branch);
  } catch (error) {
    if (error instanceof AppError && error.code === "github_gone") return null;
    throw error;
  }
}
