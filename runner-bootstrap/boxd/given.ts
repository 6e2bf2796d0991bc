/** What a set-up's steps get beyond their plan. Dependency-free, because the App and the box both import it. */

import type { JobsPlan } from "./steps/jobs/types.ts";
import type { JobPlan } from "./steps/plan.ts";

/** By name, so that the App can keep it and hand out the same after a restart; boxd does not read it. */
export type Grants = {
  /** Names of secrets, in capitals. */
  readonly secrets: readonly string[];
  /** What `github.token` may read (`contents`); null when there is none. */
  readonly token: readonly string[] | null;
};

/** The values: on the wire and in boxd's memory, never in a file or in argv. */
export type Given = {
  readonly secrets: Readonly<Record<string, string>>;
  /** `github.token` and `secrets.GITHUB_TOKEN`. */
  readonly token?: string;
};

export type GivenParts = { readonly grants?: Grants; readonly given?: Given };

/** GitHub takes 100 a repository, and as many of the organisation and the environment. */
const SECRETS_MAX = 1_000;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Whether it is what steps may get. Never throws. */
export function isGiven(value: unknown): value is Given {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { secrets, token } = value as Record<string, unknown>;
  if (typeof secrets !== "object" || secrets === null || Array.isArray(secrets)) return false;
  const entries = Object.entries(secrets);
  return (
    entries.length <= SECRETS_MAX &&
    entries.every(
      ([name, text]) => NAME.test(name) && typeof text === "string" && text !== "" && !text.includes("\0"),
    ) &&
    (token === undefined || (typeof token === "string" && /^[^\r\n\0]+$/.test(token)))
  );
}

/** What must be masked: secrets, and tokens with their own forms. */
export function masksOf(given: Given | undefined): {
  readonly secrets: readonly string[];
  readonly tokens: readonly string[];
} {
  if (given === undefined) return { secrets: [], tokens: [] };
  return {
    secrets: Object.values(given.secrets),
    tokens: given.token === undefined ? [] : [given.token],
  };
}

/** The plan, or that of several jobs, with the values where steps' expressions find them. */
export function withGiven<P extends JobPlan | JobsPlan>(what: P, given: Given | undefined): P {
  if (given === undefined) return what;
  const { token } = given;
  const own = token === undefined ? {} : { GITHUB_TOKEN: token };
  if ("target" in what) {
    const { frame } = what;
    const { facts, secrets } = frame;
    const github = token === undefined ? facts.github : { ...facts.github, token };
    const more = { facts: { ...facts, github }, secrets: { ...secrets, ...given.secrets, ...own } };
    return { ...what, frame: { ...frame, ...more } };
  }
  const { contexts } = what;
  return {
    ...what,
    contexts: {
      ...contexts,
      secrets: { ...contexts.secrets, ...given.secrets, ...own },
      github: token === undefined ? contexts.github : { ...contexts.github, token },
    },
  };
}
