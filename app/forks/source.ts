import { forkDomain, headDomain, trustedDomain, type TrustDomain } from "../leases/lease.ts";

/** What tells where a pull request's code comes from. */
export type PullSource = {
  readonly number: number;
  readonly author: { readonly login: string } | null;
  readonly headRef: string;
  /** From another repository, or nobody can tell any more. */
  readonly fork: boolean;
};

const DEPENDABOT_LOGIN = "dependabot[bot]";
/** Dependabot names its branches so; somebody else's pull request from one still carries its code. */
const DEPENDABOT_BRANCH = "dependabot/";

/** Whose code it is: a writer's of the repository, or somebody's for whom a writer must vouch first. */
export function sourceOf(pull: PullSource): "own" | "fork" | "dependabot" {
  if (pull.fork) return "fork";
  const isDependabot =
    pull.author?.login === DEPENDABOT_LOGIN || pull.headRef.toLowerCase().startsWith(DEPENDABOT_BRANCH);
  return isDependabot ? "dependabot" : "own";
}

/** The trust domain of a pull request's code (law 13), prepared by the base's steps or by the head's. */
export function domainOf(repositoryId: number, pull: PullSource, stepsFrom?: "head"): TrustDomain {
  if (sourceOf(pull) !== "own") return forkDomain(repositoryId, pull.number);
  return stepsFrom === "head" ? headDomain(repositoryId) : trustedDomain(repositoryId);
}
