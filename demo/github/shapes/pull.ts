import type { Account, Json, Pull, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { accountById, accountShape, accountShapeById, nodeId } from "./account.ts";
import { labelShape } from "./label.ts";
import { fullRepositoryShape, pageUrl, repositoryShape, repositoryUrl } from "./repository.ts";

/** How GitHub describes a person's tie to a repository. */
export function association(world: World, repository: Repository, account: Account): string {
  if (account.id === repository.ownerId) return "OWNER";
  const role = repository.roles[String(account.id)];
  if (role === undefined || role === "read") return "NONE";
  return accountById(world, repository.ownerId).type === "Organization" ? "MEMBER" : "COLLABORATOR";
}

/** A pull request in lists. */
export function pullShape(world: World, pull: Pull): Json {
  const repository = repositoryById(world, pull.repositoryId);
  const head = world.tables.repositories.get(pull.headRepositoryId);
  const url = repositoryUrl(world, repository, `/pulls/${pull.number}`);
  const issue = repositoryUrl(world, repository, `/issues/${pull.number}`);
  const page = pageUrl(world, repository, `/pull/${pull.number}`);
  const statuses = repositoryUrl(world, repository, `/statuses/${pull.headSha}`);
  const author = accountById(world, pull.authorId);
  const links = {
    self: url,
    html: page,
    issue,
    comments: `${issue}/comments`,
    review_comments: `${url}/comments`,
    review_comment: repositoryUrl(world, repository, "/pulls/comments{/number}"),
    commits: `${url}/commits`,
    statuses,
  };
  return {
    url,
    id: pull.id,
    node_id: nodeId("PR", pull.id),
    html_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issue,
    number: pull.number,
    state: pull.state,
    locked: false,
    title: pull.title,
    user: accountShape(world, author),
    body: pull.body,
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    merged_at: pull.mergedAt ?? null,
    merge_commit_sha: pull.marks?.isMergeHeld === true ? null : pull.mergeSha,
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    labels: (pull.marks?.labels ?? []).map((name) => labelShape(world, repository, name)),
    milestone: null,
    draft: pull.draft,
    commits_url: links.commits,
    review_comments_url: links.review_comments,
    review_comment_url: links.review_comment,
    comments_url: links.comments,
    statuses_url: statuses,
    head:
      head === undefined
        ? goneShape(world, author, pull)
        : sideShape(world, head, pull.headRef, pull.headSha),
    base: sideShape(world, repository, pull.baseRef, pull.baseSha),
    _links: Object.fromEntries(Object.entries(links).map(([name, href]) => [name, { href }])),
    author_association: association(world, repository, author),
    auto_merge: null,
    active_lock_reason: null,
  };
}

/** GET pulls/{n}, and the pull request in webhooks. */
export function fullPullShape(world: World, pull: Pull): Json {
  const isKnown = pull.state === "open" && pull.marks?.isMergeHeld !== true;
  const clean = pull.mergeSha !== null;
  return {
    ...pullShape(world, pull),
    merged: pull.mergedAt !== undefined,
    mergeable: isKnown ? clean : null,
    rebaseable: isKnown ? clean : null,
    mergeable_state: !isKnown ? "unknown" : clean ? "clean" : "dirty",
    merged_by: pull.mergedById === undefined ? null : accountShapeById(world, pull.mergedById),
    comments: liveComments(world, pull),
    review_comments: 0,
    maintainer_can_modify: false,
    commits: pull.stat.commits,
    additions: pull.stat.additions,
    deletions: pull.stat.deletions,
    changed_files: pull.stat.changedFiles,
  };
}

/** The pull request as check runs and suites name it; forks' pull requests are never named there. */
export function minimalPullShape(world: World, pull: Pull): Json {
  const repository = repositoryById(world, pull.repositoryId);
  const repo = {
    id: repository.id,
    url: repositoryUrl(world, repository),
    name: repository.name,
  };
  return {
    url: repositoryUrl(world, repository, `/pulls/${pull.number}`),
    id: pull.id,
    number: pull.number,
    head: { ref: pull.headRef, sha: pull.headSha, repo },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo },
  };
}

/** The issue side of a pull request; `pull_request` is what tells the two apart. */
export function issueShape(world: World, pull: Pull): Json {
  const repository = repositoryById(world, pull.repositoryId);
  const url = repositoryUrl(world, repository, `/issues/${pull.number}`);
  const page = pageUrl(world, repository, `/pull/${pull.number}`);
  return {
    url,
    repository_url: repositoryUrl(world, repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    html_url: page,
    id: pull.issueId,
    node_id: nodeId("PR", pull.id),
    number: pull.number,
    title: pull.title,
    user: accountShapeById(world, pull.authorId),
    labels: (pull.marks?.labels ?? []).map((name) => labelShape(world, repository, name)),
    state: pull.state,
    locked: false,
    assignee: null,
    assignees: [],
    milestone: null,
    comments: liveComments(world, pull),
    created_at: pull.createdAt,
    updated_at: pull.updatedAt,
    closed_at: pull.closedAt,
    author_association: association(world, repository, accountById(world, pull.authorId)),
    active_lock_reason: null,
    draft: pull.draft,
    pull_request: {
      url: repositoryUrl(world, repository, `/pulls/${pull.number}`),
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.mergedAt ?? null,
    },
    body: pull.body,
    reactions: rollup(`${url}/reactions`, []),
    timeline_url: `${url}/timeline`,
    performed_via_github_app: null,
    state_reason: null,
  };
}

/** Counts of reactions as comments and issues carry them. */
export function rollup(url: string, contents: readonly string[]): Json {
  const count = (content: string): number => contents.filter((other) => other === content).length;
  const kinds = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"];
  const counts = Object.fromEntries(kinds.map((kind) => [kind, count(kind)]));
  return { url, total_count: contents.length, ...counts };
}

/** The repository with that id; a missing one is our own mistake. */
export function repositoryById(world: World, id: number): Repository {
  const repository = world.tables.repositories.get(id);
  if (repository === undefined) throw new Error(`no repository ${id}`);
  return repository;
}

/** The head of a pull request whose fork was deleted. */
function goneShape(world: World, author: Account, { headRef: ref, headSha: sha }: Pull): Json {
  return { label: `${author.login}:${ref}`, ref, sha, user: accountShape(world, author), repo: null };
}

function sideShape(world: World, repository: Repository, ref: string, sha: string): Json {
  const owner = accountById(world, repository.ownerId);
  return {
    label: `${owner.login}:${ref}`,
    ref,
    sha,
    user: accountShape(world, owner),
    repo:
      repository.forkOfId === null
        ? repositoryShape(world, repository)
        : fullRepositoryShape(world, repository),
  };
}

function liveComments(world: World, pull: Pull): number {
  const comments = world.tables.commentsByPull(`${pull.repositoryId}/${pull.number}`);
  return comments.filter((comment) => comment.deletedAt === null).length;
}
