/** The environment of one program of a step: GITHUB_*, RUNNER_*, CI, PATH (actions/runner GitHubContext.cs, RunnerContext.cs, ProcessInvoker.cs). */

import type { Yaml } from "../plan.ts";
import type { Step } from "./job.ts";

/** Names of the `github` context that become GITHUB_*; the token is not among them. */
const GITHUB_NAMES = [
  "action",
  "action_path",
  "action_ref",
  "action_repository",
  "actor",
  "actor_id",
  "api_url",
  "base_ref",
  "env",
  "event_name",
  "event_path",
  "graphql_url",
  "head_ref",
  "job",
  "output",
  "path",
  "ref",
  "ref_name",
  "ref_protected",
  "ref_type",
  "repository",
  "repository_id",
  "repository_owner",
  "repository_owner_id",
  "retention_days",
  "run_attempt",
  "run_id",
  "run_number",
  "server_url",
  "sha",
  "state",
  "step_summary",
  "triggering_actor",
  "workflow",
  "workflow_ref",
  "workflow_sha",
  "workspace",
].map((name) => [name, `GITHUB_${name.toUpperCase()}`] as const);

/** What the step sets, then the contexts over it, as the runner lays them; without the host's own environment and PATH. */
export function stepEnvironment(
  step: Step,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const env: Record<string, string> = { ...step.env };
  for (const [name, value] of step.memory.state) env[`STATE_${name}`] = value;
  Object.assign(env, more);
  for (const [name, variable] of GITHUB_NAMES) {
    const value = textOf(step.github[name]);
    if (value !== null) env[variable] = value;
  }
  for (const [name, value] of Object.entries(step.job.runner))
    env[`RUNNER_${name.toUpperCase()}`] = textOf(value) ?? "";
  env["GITHUB_ACTIONS"] = "true";
  return env;
}

/** That environment over the host's, with what GITHUB_PATH added in front of PATH. */
export function hostEnvironment(step: Step, env: Readonly<Record<string, string>>): Record<string, string> {
  const all: Record<string, string> = { ...step.job.host.env, ...env };
  all["CI"] ??= "true";
  const added = addedPath(step);
  if (added.length > 0)
    all["PATH"] = [...added, ...(all["PATH"] === undefined ? [] : [all["PATH"]])].join(":");
  return all;
}

/** What GITHUB_PATH added, first found first. */
export function addedPath(step: Step): string[] {
  return [...step.job.path].toReversed();
}

/** Why the environment cannot be given to a program, or null. */
export function unfit(env: Readonly<Record<string, string>>): string | null {
  for (const [name, value] of Object.entries(env)) {
    if (value.includes("\0") || name.includes("\0"))
      return `The environment variable ${JSON.stringify(name)} holds a NUL character, which no program can be given.`;
    if (name === "" || name.includes("="))
      return `${JSON.stringify(name)} cannot be the name of an environment variable.`;
    if (
      value.length * 3 + name.length >= STRING_MAX_BYTES &&
      Buffer.byteLength(value) + name.length + 2 > STRING_MAX_BYTES
    )
      return `The environment variable ${name} has ${Buffer.byteLength(value)} bytes; Linux gives a program at most ${STRING_MAX_BYTES} in one.`;
  }
  return null;
}

/** MAX_ARG_STRLEN of Linux: 32 pages. */
const STRING_MAX_BYTES = 131_072;

function textOf(value: Yaml | undefined): string | null {
  if (typeof value === "string") return value;
  if (typeof value === "boolean" || typeof value === "number") return String(value);
  return value === null ? "" : null;
}
