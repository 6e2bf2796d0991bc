import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { RepositoryFacts } from "./repository-facts.ts";

const PULL_EVENTS = new Set(["pull_request", "pull_request_target"]);

/**
 * The `github` context of a workflow that runs on this machine. Places and everything that changes from step to step are the
 * engine's to add.
 */
export function githubContext(asked: {
  readonly event: string;
  readonly payload: YamlMap;
  readonly facts: RepositoryFacts;
  readonly workflow: { readonly name: string; readonly path: string };
  readonly token: string;
  readonly runId: string;
}): YamlMap {
  const { event, payload, facts, workflow } = asked;
  const repository = `${facts.owner}/${facts.name}`;
  const ref = refOf(event, payload, facts);
  const sha = facts.sha ?? "0".repeat(40);
  const pull = PULL_EVENTS.has(event) ? asMap(payload["pull_request"]) : {};
  return {
    actor: facts.owner,
    actor_id: "1",
    api_url: "https://api.github.com",
    base_ref: textAt(pull["base"], "ref"),
    event: payload,
    event_name: event,
    graphql_url: "https://api.github.com/graphql",
    head_ref: textAt(pull["head"], "ref"),
    job: "",
    ref,
    ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//u, ""),
    ref_protected: false,
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    repository,
    repository_id: "1",
    repository_owner: facts.owner,
    repository_owner_id: "1",
    repositoryUrl: `git://github.com/${repository}.git`,
    retention_days: "90",
    run_attempt: "1",
    run_id: asked.runId,
    run_number: "1",
    secret_source: "Actions",
    // Any other host makes the toolkit take it for Enterprise Server, where every cache step does nothing.
    server_url: "https://github.com",
    sha,
    token: asked.token,
    triggering_actor: facts.owner,
    workflow: workflow.name,
    workflow_ref: `${repository}/${workflow.path}@${ref}`,
    workflow_sha: sha,
  };
}

function refOf(event: string, payload: YamlMap, facts: RepositoryFacts): string {
  if (event === "pull_request") {
    const { number } = payload;
    return `refs/pull/${typeof number === "number" ? number : 1}/merge`;
  }
  if (typeof payload["ref"] === "string" && payload["ref"].startsWith("refs/")) return payload["ref"];
  return facts.ref ?? `refs/heads/${facts.defaultBranch}`;
}

function asMap(value: unknown): YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {};
}

function textAt(value: unknown, key: string): string {
  const found = asMap(value)[key];
  return typeof found === "string" ? found : "";
}
