import type { Grants } from "../../runner-bootstrap/boxd/given.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { ChosenJob } from "./choose-hydrate.ts";
import { namesFrom } from "./plan/texts.ts";
import type { Permissions } from "./read/model.ts";

/** What of `permissions:` the App itself may read (app.yml), and how the API calls it. */
const READABLE: readonly (readonly [string, string])[] = [
  ["contents", "contents"],
  ["pull-requests", "pull_requests"],
  ["issues", "issues"],
  ["checks", "checks"],
];
/** `github.token` by any of its names, and a whole context from which it could be taken. */
const ASKS_FOR_TOKEN =
  /(?<![\w.-])(?:github\s*(?:\.\s*(?:token\b|\*)|\[|[),|&=!}])|secrets\s*(?:\.\s*github_token\b|\[\s*'github_token'))/iu;
const SHA_SHOWN_CHARS = 7;

/**
 * What a chosen job's steps get, by name: of the secrets that it may have those that they name, and a token when something asks for
 * one. `names` null: code that nobody here vouches for gets nothing; a token's calls count against the whole account's limit.
 */
export function grantsOf(
  plan: JobPlan,
  { workflow, job }: Pick<ChosenJob, "workflow" | "job">,
  names: readonly string[] | null,
): Grants {
  if (names === null) return { secrets: [], token: null };
  const { steps, env, container, services } = plan;
  // Steps of actions see no secrets but what their inputs bring.
  const named = new Set(
    namesFrom("secrets", { steps, env, container, services }).map((name) => name.toUpperCase()),
  );
  return {
    secrets: names.filter((name) => named.has(name)),
    token: asksForToken(plan) ? readsOf(job.permissions ?? workflow.permissions) : null,
  };
}

/** The same for people, a sentence each. */
export function grantNotes({ secrets, token }: Grants): readonly string[] {
  const reads = token === null || token.length === 0 ? ["metadata"] : token;
  return [
    ...(secrets.length === 0 ? [] : [`Its steps get these secrets: ${secrets.join(", ")}.`]),
    ...(token === null ? [] : [`GITHUB_TOKEN reads ${reads.join(", ")} of this repository, nothing else.`]),
  ];
}

/** How check and explanation say whose steps they are. */
export function fromHead(sha: string): string {
  return `Set-up steps from head ${sha.slice(0, SHA_SHOWN_CHARS)}, not from the base: without the server's secrets.`;
}

/** What `permissions:` says, write counted as read; contents when it says nothing of single ones. */
function readsOf(permissions: Permissions | undefined): readonly string[] {
  if (permissions === undefined || typeof permissions === "string") return ["contents"];
  return READABLE.filter(([name]) => ["read", "write"].includes(permissions[name] ?? "none")).map(
    ([, name]) => name,
  );
}

function asksForToken({ steps, env, container, services, actions }: JobPlan): boolean {
  // Images of ghcr.io that name no credentials are asked for with it.
  if (container !== undefined || Object.keys(services).length > 0) return true;
  const used = Object.values(actions).map(({ definition }) => definition);
  return someText({ steps, env, used }, (text) => ASKS_FOR_TOKEN.test(text));
}

function someText(value: unknown, holds: (text: string) => boolean): boolean {
  if (typeof value === "string") return holds(value);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((one) => someText(one, holds));
}
