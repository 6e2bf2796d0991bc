/** A lease's states, in the order of its life. */
export const LEASE_STATES = ["requested", "active", "ending", "ended"] as const;
export type LeaseState = (typeof LEASE_STATES)[number];

/** Legal changes of a lease. `requested -> ending`: cancelled, or its box could not be made. */
export const LEASE_CHANGES: Readonly<Record<LeaseState, readonly LeaseState[]>> = {
  requested: ["active", "ending"],
  active: ["ending"],
  ending: ["ended"],
  ended: [],
};

/** Why a lease ended. */
export const LEASE_END_REASONS = [
  "released",
  "stopped",
  "ttl",
  "idle",
  "pull_request_closed",
  "installation_removed",
  "box_lost",
  "box_unfit",
  "no_capacity",
  "failed",
] as const;
export type LeaseEndReason = (typeof LEASE_END_REASONS)[number];

/** Who holds a lease: a run, or the pull request it is kept warm for. Later: service, pool, member. */
export type LeaseHolder = { readonly kind: "pull_request" | "run"; readonly key: string };

/** The holder of a lease that is kept warm for a pull request. */
export function pullRequestHolder(repositoryId: number, pullRequest: number): LeaseHolder {
  return { kind: "pull_request", key: `${repositoryId}#${pullRequest}` };
}

/** The pull request that a lease is kept warm for; null when something else holds it. */
export function heldFor(
  holder: LeaseHolder,
): { readonly repositoryId: number; readonly pullRequest: number } | null {
  if (holder.kind !== "pull_request") return null;
  const [repositoryId = Number.NaN, pullRequest = Number.NaN] = holder.key.split("#").map(Number);
  return { repositoryId, pullRequest };
}

/** A box's states. `destroying` still costs; `unknown` is looked up at its provider. */
export const BOX_STATES = ["creating", "ready", "leased", "destroying", "gone", "unknown"] as const;
export type BoxState = (typeof BOX_STATES)[number];

/**
 * Legal changes of a box. `unknown`: the provider's answer was unclear or processes survived; the reconciler or a person
 * finds out. `destroying` still costs.
 */
export const BOX_CHANGES: Readonly<Record<BoxState, readonly BoxState[]>> = {
  creating: ["ready", "unknown", "destroying", "gone"],
  ready: ["leased", "destroying", "unknown", "gone"],
  leased: ["ready", "destroying", "unknown", "gone"],
  unknown: ["ready", "leased", "destroying", "gone"],
  destroying: ["gone", "unknown"],
  gone: [],
};

/**
 * What a box may ever serve, from create to destroy (law 13): `<repository id>:trusted`, `<repository id>:trusted:head`, or
 * `<repository id>:fork:<pull request number>`.
 */
export type TrustDomain = string;

/** The domain of a repository's own branches. */
export function trustedDomain(repositoryId: number): TrustDomain {
  return `${repositoryId}:trusted`;
}

/**
 * The domain of a repository's own branches whose boxes are prepared by the head's steps: what those leave behind never meets the base's
 * steps and their secrets, nor the other way round.
 */
export function headDomain(repositoryId: number): TrustDomain {
  return `${repositoryId}:trusted:head`;
}

/** The domain of one pull request with code that no writer vouched for: a fork's or Dependabot's. */
export function forkDomain(repositoryId: number, pullRequest: number): TrustDomain {
  return `${repositoryId}:fork:${pullRequest}`;
}

/** True for every domain but a repository's own branches: what is not known to be trusted is not. */
export function isUntrusted(domain: TrustDomain): boolean {
  return !/^\d+:trusted(?::head)?$/u.test(domain);
}
