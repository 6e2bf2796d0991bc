/** What a command must know of its pull request, as GitHub says it now. */
export type PullRequestFacts = {
  readonly number: number;
  readonly state: "open" | "closed";
  readonly draft: boolean;
  /** Null for a deleted account. */
  readonly author: { readonly login: string } | null;
  readonly headSha: string;
  readonly headRef: string;
  /** Null when the head repository was deleted. */
  readonly headRepositoryId: number | null;
  /** From another repository, or nobody can tell any more. */
  readonly fork: boolean;
  /** The base branch's tip as GitHub last looked; may be old. */
  readonly baseSha: string;
  readonly baseRef: string;
  /** The repository it goes to. */
  readonly repository: { readonly private: boolean; readonly archived: boolean };
};

/** Why nothing of this pull request may run here, as one or two sentences with what to do instead; null when it may. */
export function whyNoRun(pullRequest: PullRequestFacts): string | null {
  if (pullRequest.state === "closed") {
    return "This pull request is closed, so nothing is run for it. Reopen it, then comment again.";
  }
  if (pullRequest.headRepositoryId === null) {
    return "The repository this pull request comes from is gone, so its commits cannot be run.";
  }
  return null;
}
