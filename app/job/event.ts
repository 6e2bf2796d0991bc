import { readFileSync } from "node:fs";
import type { YamlMap } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { AppError } from "../errors.ts";
import type { RepositoryFacts } from "./repository-facts.ts";

/** Objects nest about four deep in GitHub's payloads. */
const MERGE_DEPTH_MAX = 50;

/**
 * The event's payload: what GitHub would send for this repository as far as it can be known here, with the fields of the file laid
 * over it.
 */
export function eventPayload(
  event: string,
  facts: RepositoryFacts,
  options: { readonly inputs: YamlMap; readonly payload: string | null; readonly message: string },
): YamlMap {
  const { owner, name, defaultBranch } = facts;
  const sha = facts.sha ?? "0".repeat(40);
  const ref = facts.ref ?? `refs/heads/${defaultBranch}`;
  const person = { name: facts.author.name, email: facts.author.email, username: owner };
  const repository = {
    name,
    full_name: `${owner}/${name}`,
    owner: { login: owner, name: owner },
    default_branch: defaultBranch,
    html_url: `https://github.com/${owner}/${name}`,
    clone_url: `https://github.com/${owner}/${name}.git`,
    private: false,
    fork: false,
  };
  const common = { repository, sender: { login: owner, type: "User" } };
  return overlay({ ...common, ...fieldsOf() }, readPayload(options.payload), 0) as YamlMap;

  function fieldsOf(): YamlMap {
    switch (event) {
      case "push": {
        const commit = { id: sha, message: options.message, author: person, committer: person };
        return {
          ref,
          before: facts.before ?? "0".repeat(40),
          after: sha,
          head_commit: commit,
          commits: [commit],
          pusher: person,
        };
      }
      case "pull_request":
      case "pull_request_target": {
        const base = { ref: defaultBranch, sha: facts.base ?? sha, repo: repository };
        const head = { ref: ref.replace(/^refs\/heads\//u, ""), sha, repo: repository };
        const pull = {
          number: 1,
          title: options.message.split("\n")[0] ?? "",
          draft: false,
          base,
          head,
          user: { login: owner },
        };
        return { action: "synchronize", number: 1, pull_request: pull };
      }
      case "workflow_dispatch":
        return { ref, inputs: options.inputs };
      default:
        return {};
    }
  }
}

function readPayload(file: string | null): YamlMap {
  if (file === null) return {};
  const wrong = (why: string, cause?: unknown): AppError =>
    new AppError(
      "bad_request",
      `The payload ${file} ${why}.`,
      "Give --payload a file with one JSON object.",
      cause,
    );
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw wrong(cause instanceof SyntaxError ? `is no JSON: ${cause.message}` : "cannot be read", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("is no JSON object");
  return value as YamlMap;
}

/** Objects are merged, anything else is replaced. */
function overlay(under: unknown, over: unknown, depth: number): unknown {
  if (!isMap(under) || !isMap(over) || depth > MERGE_DEPTH_MAX) return over;
  const merged: Record<string, unknown> = { ...under };
  for (const [key, value] of Object.entries(over))
    merged[key] = Object.hasOwn(under, key) ? overlay(under[key], value, depth + 1) : value;
  return merged;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
