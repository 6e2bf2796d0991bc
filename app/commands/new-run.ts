import { domainOf } from "../forks/source.ts";
import type { NewRun } from "../store/runs.ts";
import type { CommandContext, CommandDeps, CommandText } from "./command.ts";

type Wanted = Pick<NewRun, "options" | "baseSha" | "checkoutSha" | "checkName"> & {
  readonly command: CommandText;
};

/** A new run of the pull request's head as the context knows it. */
export function newRun(
  deps: Pick<CommandDeps, "ids">,
  context: Pick<
    CommandContext,
    "pullRequest" | "repository" | "actor" | "source" | "sourceKey" | "commentId"
  >,
  { command, ...wanted }: Wanted,
): NewRun {
  const { pullRequest, repository, actor } = context;
  return {
    id: deps.ids.run(),
    source: context.source,
    sourceKey: context.sourceKey,
    accountId: repository.accountId,
    repositoryId: repository.id,
    pullRequest: pullRequest.number,
    commentId: context.commentId,
    headSha: pullRequest.headSha,
    ...wanted,
    baseRef: pullRequest.baseRef,
    headRef: pullRequest.headRef,
    headRepositoryId: pullRequest.headRepositoryId,
    actor: actor.login,
    actorId: actor.id,
    commandKind: command.kind,
    command: command.text,
    retryOf: null,
    trustDomain: domainOf(repository.id, pullRequest, wanted.options.stepsFrom),
  };
}
