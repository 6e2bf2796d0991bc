import { whyNotAllowed, whyNotIsolated, type Obstacle } from "../forks/policy.ts";
import { domainOf, sourceOf } from "../forks/source.ts";
import { MARKDOWN_HELPERS } from "../render/markdown.ts";
import type { CommandContext, CommandDeps } from "./command.ts";

/**
 * Why code of this pull request may not run on this provider's boxes whoever approves it, with what to do instead; null where an
 * approval would do, and for the repository's own branches.
 */
export async function whyNotUntrusted(
  deps: Pick<CommandDeps, "forkPolicy" | "providers" | "limits">,
  context: Pick<CommandContext, "repository" | "pullRequest">,
  askedProvider: string | undefined,
): Promise<string | null> {
  const { repository, pullRequest } = context;
  if (sourceOf(pullRequest) === "own") return null;
  const policy = await deps.forkPolicy(repository);
  const provider = deps.providers.get(askedProvider ?? deps.limits.defaultProvider);
  const obstacle =
    whyNotAllowed(policy, pullRequest.baseRef) ??
    (provider === undefined
      ? null
      : whyNotIsolated(domainOf(repository.id, pullRequest), provider, deps.providers.values()));
  if (obstacle === null) return null;
  const whose = sourceOf(pullRequest) === "fork" ? "comes from a fork" : "is Dependabot's";
  return `This pull request ${whose}. ${answerOf(obstacle)}`;
}

/** An obstacle as an answer's Markdown: names of branches and teams in it are plain words. */
export function answerOf({ message, hint }: Obstacle): string {
  return MARKDOWN_HELPERS.prose(`${message} ${hint}`);
}
