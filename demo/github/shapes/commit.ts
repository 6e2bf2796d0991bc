import type { CommitInfo } from "../git/objects.ts";
import type { FileDiff } from "../git/diff.ts";
import type { Json, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { nodeId } from "./account.ts";
import { pageUrl, repositoryUrl } from "./repository.ts";

const UNSIGNED = {
  verified: false,
  reason: "unsigned",
  signature: null,
  payload: null,
  verified_at: null,
};

/** GET commits/{ref}. */
export function commitShape(
  world: World,
  repository: Repository,
  commit: CommitInfo,
  files: readonly FileDiff[],
): Json {
  const url = repositoryUrl(world, repository, `/commits/${commit.sha}`);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return {
    sha: commit.sha,
    node_id: nodeId("C", repository.id) + commit.sha,
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.tree, url: repositoryUrl(world, repository, `/git/trees/${commit.tree}`) },
      url: repositoryUrl(world, repository, `/git/commits/${commit.sha}`),
      comment_count: 0,
      verification: UNSIGNED,
    },
    url,
    html_url: pageUrl(world, repository, `/commit/${commit.sha}`),
    comments_url: `${url}/comments`,
    author: null,
    committer: null,
    parents: parentsShape(world, repository, commit),
    stats: { total: additions + deletions, additions, deletions },
    files: files.map((file) => fileShape(world, repository, commit.sha, file)),
  };
}

/** GET git/commits/{commit_sha}. */
export function gitCommitShape(world: World, repository: Repository, commit: CommitInfo): Json {
  return {
    sha: commit.sha,
    node_id: nodeId("C", repository.id) + commit.sha,
    url: repositoryUrl(world, repository, `/git/commits/${commit.sha}`),
    html_url: pageUrl(world, repository, `/commit/${commit.sha}`),
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.tree, url: repositoryUrl(world, repository, `/git/trees/${commit.tree}`) },
    message: commit.message,
    parents: parentsShape(world, repository, commit),
    verification: UNSIGNED,
  };
}

/** A commit as payloads carry it. */
export function simpleCommitShape(commit: CommitInfo): Json {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: commit.committer.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  };
}

/** One changed file of a commit or pull request. */
export function fileShape(world: World, repository: Repository, sha: string, file: FileDiff): Json {
  const path = file.path.split("/").map(encodeURIComponent).join("/");
  return {
    sha: file.sha,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: pageUrl(world, repository, `/blob/${sha}/${path}`),
    raw_url: pageUrl(world, repository, `/raw/${sha}/${path}`),
    contents_url: repositoryUrl(world, repository, `/contents/${path}?ref=${sha}`),
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousPath === null ? {} : { previous_filename: file.previousPath }),
  };
}

function parentsShape(world: World, repository: Repository, commit: CommitInfo): Json[] {
  return commit.parents.map((sha) => ({
    sha,
    url: repositoryUrl(world, repository, `/commits/${sha}`),
    html_url: pageUrl(world, repository, `/commit/${sha}`),
  }));
}
