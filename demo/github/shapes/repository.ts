import type { Json, Repository } from "../model.ts";
import type { World } from "../world.ts";
import { accountById, accountShapeById, apiUrl, nodeId } from "./account.ts";

/** Address suffixes of a repository, by the field that carries them. */
const LINKS: readonly (readonly [string, string])[] = [
  ["forks_url", "/forks"],
  ["keys_url", "/keys{/key_id}"],
  ["collaborators_url", "/collaborators{/collaborator}"],
  ["teams_url", "/teams"],
  ["hooks_url", "/hooks"],
  ["issue_events_url", "/issues/events{/number}"],
  ["events_url", "/events"],
  ["assignees_url", "/assignees{/user}"],
  ["branches_url", "/branches{/branch}"],
  ["tags_url", "/tags"],
  ["blobs_url", "/git/blobs{/sha}"],
  ["git_tags_url", "/git/tags{/sha}"],
  ["git_refs_url", "/git/refs{/sha}"],
  ["trees_url", "/git/trees{/sha}"],
  ["statuses_url", "/statuses/{sha}"],
  ["languages_url", "/languages"],
  ["stargazers_url", "/stargazers"],
  ["contributors_url", "/contributors"],
  ["subscribers_url", "/subscribers"],
  ["subscription_url", "/subscription"],
  ["commits_url", "/commits{/sha}"],
  ["git_commits_url", "/git/commits{/sha}"],
  ["comments_url", "/comments{/number}"],
  ["issue_comment_url", "/issues/comments{/number}"],
  ["contents_url", "/contents/{+path}"],
  ["compare_url", "/compare/{base}...{head}"],
  ["merges_url", "/merges"],
  ["archive_url", "/{archive_format}{/ref}"],
  ["downloads_url", "/downloads"],
  ["issues_url", "/issues{/number}"],
  ["pulls_url", "/pulls{/number}"],
  ["milestones_url", "/milestones{/number}"],
  ["notifications_url", "/notifications{?since,all,participating}"],
  ["labels_url", "/labels{/name}"],
  ["releases_url", "/releases{/id}"],
  ["deployments_url", "/deployments"],
];

/** OWNER/NAME. */
export function fullName(world: World, repository: Repository): string {
  return `${accountById(world, repository.ownerId).login}/${repository.name}`;
}

/** A REST address in the repository. */
export function repositoryUrl(world: World, repository: Repository, path = ""): string {
  return apiUrl(world, `/repos/${fullName(world, repository)}${path}`);
}

/** A page of the repository. */
export function pageUrl(world: World, repository: Repository, path = ""): string {
  return `${world.origin()}/${fullName(world, repository)}${path}`;
}

/** A repository as lists and payloads carry it. */
export function repositoryShape(world: World, repository: Repository): Json {
  const url = repositoryUrl(world, repository);
  const page = pageUrl(world, repository);
  const open = world.tables.pullsByRepository(repository.id).filter((pull) => pull.state === "open").length;
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(world, repository),
    private: repository.private,
    owner: accountShapeById(world, repository.ownerId),
    html_url: page,
    description: repository.description,
    fork: repository.forkOfId !== null,
    url,
    ...Object.fromEntries(LINKS.map(([field, suffix]) => [field, url + suffix])),
    created_at: repository.createdAt,
    updated_at: repository.pushedAt,
    pushed_at: repository.pushedAt,
    git_url: `${page.replace(/^http/, "git")}.git`,
    ssh_url: `git@${new URL(page).hostname}:${fullName(world, repository)}.git`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: true,
    has_downloads: true,
    has_wiki: true,
    has_pages: false,
    has_discussions: false,
    forks_count: 0,
    mirror_url: null,
    archived: repository.archived === true,
    disabled: false,
    open_issues_count: open,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? "private" : "public",
    forks: 0,
    open_issues: open,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** GET /repos/{owner}/{repo}: the same and some more. */
export function fullRepositoryShape(world: World, repository: Repository): Json {
  const parent =
    repository.forkOfId === null ? undefined : world.tables.repositories.get(repository.forkOfId);
  const forkOf = parent === undefined ? {} : repositoryShape(world, parent);
  return {
    ...repositoryShape(world, repository),
    ...(parent === undefined ? {} : { parent: forkOf, source: forkOf }),
    network_count: 0,
    subscribers_count: 0,
  };
}
