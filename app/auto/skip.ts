import type { PullRequestFacts } from "../commands/pull-request.ts";
import type { Changes } from "../github/changes.ts";
import type { RepositoryRef } from "../github/hub.ts";
import { isMeant } from "../repo-config/paths.ts";
import type { AutoEntry, RepoConfig } from "../repo-config/schema.ts";

export type Skip =
  | { readonly kind: "skip"; readonly why: string }
  /** `note`: something a reader of the check should know. */
  | { readonly kind: "run"; readonly note: string | null };

/** Whether an entry has nothing to test in this pull request now, by what the file says about drafts and paths. */
export async function skipOf(
  deps: { readonly changes: Pick<Changes, "anyFile"> },
  ref: RepositoryRef,
  pull: Pick<PullRequestFacts, "number" | "draft">,
  entry: AutoEntry,
  config: Pick<RepoConfig, "paths">,
): Promise<Skip> {
  if (pull.draft && entry.draft === "skip") return { kind: "skip", why: "the pull request is a draft" };
  const patterns = entry.paths ?? config.paths;
  if (patterns === undefined) return { kind: "run", note: null };
  const found = await deps.changes.anyFile(ref, pull.number, (path) => isMeant(path, patterns));
  switch (found) {
    case "some":
      return { kind: "run", note: null };
    case "none":
      return { kind: "skip", why: "no changed file is among the paths that it tests" };
    case "too_many":
      return {
        kind: "run",
        note: "GitHub lists only 3,000 changed files and none of those is among the paths of this check; it runs all the same.",
      };
  }
}
