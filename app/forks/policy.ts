import { ISOLATIONS, type Isolation, type Provider } from "../../providers/provider.ts";
import { isUntrusted } from "../leases/lease.ts";
import type { Repository } from "../store/rows.ts";

/** A team of an organisation, as GitHub's routes name it. */
export type Team = { readonly org: string; readonly slug: string };

/** What is done about code that no writer of the repository wrote. */
export type ForkPolicy =
  /** It never runs here. */
  | { readonly kind: "never" }
  /** A writer approves each commit; with `team` only one who is in it. `bases`: branches it may go to. */
  | { readonly kind: "approve"; readonly team: Team | null; readonly bases: readonly string[] };

/** The policy for one repository now. Settings give it; a repository's own file may narrow it, never widen. */
export type ForkPolicyOf = (repository: Repository) => Promise<ForkPolicy>;

/** The server's part of the settings. `bases` are added to each repository's default branch. */
export type ForkSettings = {
  readonly policy: "never" | "approve" | "approve_team";
  /** `org/slug`; only with `approve_team`. */
  readonly team?: string | undefined;
  readonly bases: readonly string[];
};

/** Something that is not done, told for the reader of a check or an answer. */
export type Obstacle = { readonly message: string; readonly hint: string };

/** Untrusted code needs at least this between it and everything else (law 13). */
const LEAST_ISOLATION: Isolation = "container";

/** The settings' policy for every repository. */
export function forkPolicyOf(settings: ForkSettings): ForkPolicyOf {
  return async (repository) => {
    if (settings.policy === "never") return { kind: "never" };
    const [org = "", slug = ""] = (settings.team ?? "").split("/");
    const team = settings.policy === "approve_team" ? { org, slug } : null;
    return { kind: "approve", team, bases: [repository.defaultBranch, ...settings.bases] };
  };
}

/** Why the policy does not let code into this branch run at all; null when an approval would do. */
export function whyNotAllowed(policy: ForkPolicy, baseRef: string): Obstacle | null {
  if (policy.kind === "never") {
    return {
      message: "Code of forks and of Dependabot does not run here.",
      hint: "After reading the change, push it to a branch of your own in this repository and comment on a pull request from there.",
    };
  }
  if (policy.bases.includes(baseRef)) return null;
  return {
    message: `Set-up steps come from the base branch, and "${baseRef}" is not one that a fork's pull request may be run against.`,
    hint: `Change the pull request's base to ${policy.bases.map((name) => `"${name}"`).join(" or ")}, or ask an operator to add the branch to \`forks.bases\`.`,
  };
}

/** Why a provider may not serve a trust domain (law 13); null when it may. */
export function whyNotIsolated(
  domain: string,
  provider: Pick<Provider, "name" | "isolation">,
  all: Iterable<Pick<Provider, "name" | "isolation">>,
): Obstacle | null {
  if (!isUntrusted(domain) || isIsolated(provider)) return null;
  const fit = [...all].filter(isIsolated).map(({ name }) => `\`--provider ${name}\``);
  const cure =
    fit.length > 0
      ? `Ask for ${fit.join(" or ")}.`
      : "Ask an operator for a provider that keeps boxes in containers or virtual machines of their own, such as `docker`.";
  return {
    message: `Provider "${provider.name}" cannot run code of forks: its isolation is "${provider.isolation}", ${LACKS[provider.isolation]}.`,
    hint: cure,
  };
}

function isIsolated({ isolation }: Pick<Provider, "isolation">): boolean {
  return ISOLATIONS.indexOf(isolation) >= ISOLATIONS.indexOf(LEAST_ISOLATION);
}

const LACKS: Readonly<Record<Isolation, string>> = {
  none: "so nothing stands between a command and its host",
  user: "so a command shares the host's network",
  container: "",
  vm: "",
};
