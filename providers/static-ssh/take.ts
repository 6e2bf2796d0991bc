import { ProviderError } from "../provider.ts";

import type { ProviderBox } from "../provider.ts";
import type { LeasesDeps, TakeRequest } from "./leases.ts";
import type { SlotLine } from "./lease-lines.ts";
import type { StaticHost } from "./settings.ts";
import type { Slot } from "./slots.ts";

export type TakeDeps = LeasesDeps & {
  list(slots: readonly Slot[], signal: AbortSignal): Promise<readonly SlotLine[]>;
  run(slot: Slot, words: readonly string[], signal: AbortSignal): Promise<readonly string[]>;
  /** Wipes the slot and marks it prepared for the lease. */
  finish(
    slot: Slot,
    lease: { readonly owner: string; readonly leaseId: string },
    signal: AbortSignal,
  ): Promise<void>;
};

/** Why a slot was not taken, for the message when none was. */
type Passed = {
  readonly slot: Slot;
  readonly why: "taken" | "closed" | "pinned" | "failed";
  readonly error?: unknown;
};

/**
 * Claims a slot for a lease, or finds again the one it has, and makes it ready. The claim is intended on the App's disk
 * before it is made on the host, so that a repetition asks that host and no other.
 */
export async function takeSlot(deps: TakeDeps, take: TakeRequest, signal: AbortSignal): Promise<ProviderBox> {
  const { labels } = take.request;
  const intended = deps.intents.of(labels.leaseId);
  const known = take.all.find((slot) => `${slot.host.name} ${slot.name}` === intended);
  const slots = known === undefined ? take.slots : [known, ...take.slots.filter((slot) => slot !== known)];
  const passed: Passed[] = [];
  const looks = new Map<StaticHost, Promise<readonly SlotLine[]>>();
  for (const slot of slots) {
    signal.throwIfAborted();
    if (slot !== known) {
      const obstacle = await obstacleOn(deps, take, slot, looks, signal);
      if (obstacle !== null) {
        passed.push(obstacle);
        continue;
      }
    }
    deps.intents.set(labels.leaseId, `${slot.host.name} ${slot.name}`);
    // A claim without an answer may have been made: it is thrown, and the repetition asks this slot first.
    const answer = await claim(deps, take, slot, signal);
    if (answer !== "claimed" && answer !== "same") {
      passed.push({ slot, why: answer });
      continue;
    }
    try {
      return await ready(deps, take, slot, signal);
    } catch (error) {
      if (!(await isClosed(deps, slot, signal))) throw error;
      await deps.run(slot, ["release", slot.name, labels.owner, labels.leaseId], signal);
      passed.push({ slot, why: "closed", error });
    }
  }
  deps.intents.clear(labels.leaseId);
  throw nothingFree(deps.provider, passed);
}

async function claim(
  deps: TakeDeps,
  { request: { labels }, pin, now }: TakeRequest,
  slot: Slot,
  signal: AbortSignal,
): Promise<"claimed" | "same" | "taken" | "closed" | "pinned"> {
  const [answer] = await deps.run(
    slot,
    [
      "claim",
      slot.name,
      labels.owner,
      labels.leaseId,
      String(labels.expiresAt),
      String(now),
      labels.trustDomain,
      pin,
    ],
    signal,
  );
  if (
    answer === "claimed" ||
    answer === "same" ||
    answer === "taken" ||
    answer === "closed" ||
    answer === "pinned"
  ) {
    return answer;
  }
  throw new ProviderError(
    deps.provider,
    "unclear",
    `${slot.host.name} did not say whether it has the lease.`,
    "It is asked again.",
  );
}

async function ready(
  deps: TakeDeps,
  take: TakeRequest,
  slot: Slot,
  signal: AbortSignal,
): Promise<ProviderBox> {
  const { labels } = take.request;
  const look = async () => (await deps.list([slot], signal)).flatMap((line) => take.toBox(slot, line))[0];
  const before = await look();
  if (before?.state === "ready") return before;
  await deps.finish(slot, labels, signal);
  const after = await look();
  if (after?.labels.leaseId === labels.leaseId) return after;
  throw new ProviderError(
    deps.provider,
    "gone",
    `The lease on ${slot.host.name} ended meanwhile.`,
    "Take a new one.",
  );
}

async function isClosed(deps: TakeDeps, slot: Slot, signal: AbortSignal): Promise<boolean> {
  const [line] = await deps.list([slot], signal);
  return line !== undefined && line.closed !== null;
}

/** What speaks against trying a slot, by one look at its host: a host that cannot be looked at is passed by. */
async function obstacleOn(
  deps: TakeDeps,
  { slots, now }: TakeRequest,
  slot: Slot,
  looks: Map<StaticHost, Promise<readonly SlotLine[]>>,
  signal: AbortSignal,
): Promise<Passed | null> {
  const look =
    looks.get(slot.host) ??
    deps.list(
      slots.filter(({ host }) => host === slot.host),
      signal,
    );
  looks.set(slot.host, look);
  try {
    const line = (await look).find(({ slot: name }) => name === slot.name);
    if (line === undefined) return null;
    if (line.closed !== null) return { slot, why: "closed" };
    return line.lease !== null && line.lease.expiresAt > now ? { slot, why: "taken" } : null;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { slot, why: "failed", error };
  }
}

function nothingFree(provider: string, passed: readonly Passed[]): ProviderError {
  const names = (why: Passed["why"]) =>
    passed.filter((one) => one.why === why).map(({ slot }) => `${slot.host.name}/${slot.name}`);
  const told = (["taken", "closed", "pinned", "failed"] as const)
    .map((why) => ({ why, slots: names(why) }))
    .filter(({ slots }) => slots.length > 0)
    .map(({ why, slots }) => `${why}: ${slots.join(", ")}`)
    .join("; ");
  if (passed.length > 0 && passed.every(({ why }) => why === "pinned")) {
    return new ProviderError(
      provider,
      "unusable",
      "Every host serves another repository, or another fork's pull request: nothing there keeps two apart.",
      "Add a host, or make one anew; one that only serves repositories you trust can have `separation: bwrap` or `users`.",
    );
  }
  const failure = passed.find(({ why }) => why === "failed")?.error;
  if (passed.every(({ why }) => why === "failed") && failure !== undefined) return failure as ProviderError;
  return new ProviderError(
    provider,
    "no_capacity",
    `No slot is free (${told || "none offered"}).`,
    "Wait for one, clear closed ones, or add hosts.",
  );
}
