import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { Repository } from "../store/rows.ts";
import { stepsCommit, type HydrationRun } from "./hydrate-plan.ts";

/** GitHub's addresses as actions are told them, without a slash at the end. */
export type GithubAddresses = { readonly webUrl: string; readonly apiUrl: string };

const LOOPBACK = /^(https?:\/\/)(?:127\.0\.0\.1|localhost)(?=[:/]|$)/u;

/**
 * The `github` context of a run's set-up: the pull request's, as its own workflow would see it, without a token. Places and what
 * changes from step to step are the engine's to add.
 */
export function runContext(
  run: HydrationRun,
  repository: Repository,
  workflow: { readonly name: string; readonly path: string },
  { webUrl, apiUrl }: GithubAddresses,
): YamlMap {
  const slug = `${repository.owner}/${repository.name}`;
  const number = run.pullRequest;
  const isPull = number !== null;
  const steps = stepsCommit(run);
  const ref = isPull ? `refs/pull/${number}/merge` : `refs/heads/${run.baseRef}`;
  return {
    actor: run.actor,
    api_url: apiUrl,
    base_ref: isPull ? run.baseRef : "",
    event: eventOf(run, repository),
    event_name: isPull ? "pull_request" : "push",
    graphql_url: `${apiUrl}/graphql`,
    head_ref: isPull ? run.headRef : "",
    job: "",
    ref,
    ref_name: isPull ? `${number}/merge` : run.baseRef,
    ref_protected: false,
    ref_type: "branch",
    repository: slug,
    repository_id: String(repository.id),
    repository_owner: repository.owner,
    repository_owner_id: String(repository.accountId),
    repositoryUrl: `${webUrl.replace(/^https?:/u, "git:")}/${slug}.git`,
    retention_days: "90",
    run_attempt: "1",
    run_id: runNumber(run.id),
    run_number: "1",
    secret_source: "None",
    server_url: serverUrl(webUrl),
    sha: run.checkoutSha,
    token: "",
    triggering_actor: run.actor,
    workflow: workflow.name,
    workflow_ref: `${slug}/${workflow.path}@refs/heads/${steps.ref}`,
    workflow_sha: steps.sha,
  };
}

/**
 * As steps are told it. The toolkit takes every host that is not github.com, below ghe.com or below localhost for Enterprise Server, and
 * refuses artifacts there (actions/toolkit, packages/artifact/src/internal/shared/config.ts, `isGhes`). An offline GitHub on this machine
 * is none: it gets a name that RFC 6761 gives to the loopback, and that git's own curl finds without asking (7.77 and newer).
 */
function serverUrl(webUrl: string): string {
  return webUrl.replace(LOOPBACK, "$1github.localhost");
}

function eventOf(run: HydrationRun, repository: Repository): YamlMap {
  const { owner, name, id, defaultBranch } = repository;
  const about = {
    repository: {
      id,
      name,
      full_name: `${owner}/${name}`,
      owner: { login: owner },
      default_branch: defaultBranch,
    },
    sender: { login: run.actor },
  };
  if (run.pullRequest === null) return { ...about, ref: `refs/heads/${run.baseRef}`, after: run.checkoutSha };
  return {
    ...about,
    action: "synchronize",
    number: run.pullRequest,
    pull_request: {
      number: run.pullRequest,
      head: { ref: run.headRef, sha: run.headSha },
      base: { ref: run.baseRef, sha: run.baseSha },
    },
  };
}

/** Actions expect digits; the id's own say which run it is well enough. */
function runNumber(id: string): string {
  let number = 0n;
  for (const char of id) number = (number * 131n + BigInt(char.codePointAt(0) ?? 0)) % 10_000_000_000n;
  return String(number);
}
