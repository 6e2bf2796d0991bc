import { billed } from "../../costs/price.ts";
import { formatDuration } from "../../duration.ts";
import { formatMicroUsd } from "../../money.ts";
import { heldFor } from "../../leases/lease.ts";
import type { BoxLine, ButtonView, Tone } from "../../render/site-views.ts";
import type { Box, Lease, Repository } from "../../store/rows.ts";
import type { SiteDeps } from "./deps.ts";
import { repositoryHref } from "./lists.ts";
import { timeView } from "./words.ts";

const KEY_BYTES = 16;
/** What the button adds, as `/crabbox extend` takes it. */
export const EXTEND_BY = "1h";

/** A live lease with its box, as a row of a list. `to`: where its buttons lead back; null when there are none to show. */
export async function boxLine(
  deps: SiteDeps,
  root: string,
  found: { readonly lease: Lease; readonly repository: Repository; readonly to: string | null },
): Promise<BoxLine> {
  const { lease, repository, to } = found;
  const now = deps.clock.now();
  const [box, pull] = await Promise.all([deps.store.boxes.ofLease(lease.id), pullNow(deps, lease)]);
  const href = repositoryHref(root, repository);
  return {
    slug: lease.slug,
    id: lease.id,
    ...stateOf(lease, box),
    // A provider without types says its own name.
    what: [...new Set([lease.provider, lease.class, box?.type ?? ""])]
      .filter((part) => part !== "")
      .join(", "),
    repository: `${repository.owner}/${repository.name}`,
    repositoryHref: href,
    pull: pull === null ? "" : `#${pull}`,
    pullHref: pull === null ? "" : `${href}/pull/${pull}`,
    age: formatDuration(now - lease.createdAt),
    ends: timeView(endOf(lease), now),
    cost: costOf(box, now),
    buttons: to === null || pull === null ? [] : buttonsFor(deps, root, lease, to),
  };
}

/** The pull request whose people a lease belongs to. */
export async function pullOf(
  deps: { readonly store: { readonly runs: Pick<SiteDeps["store"]["runs"], "get"> } },
  { holder }: Lease,
): Promise<number | null> {
  if (holder.kind === "pull_request") return heldFor(holder)?.pullRequest ?? null;
  return (await deps.store.runs.get(holder.key as `run_${string}`))?.pullRequest ?? null;
}

/** The pull request that a lease works for now, which a warm one's may borrow; else the one it belongs to. */
async function pullNow(deps: Pick<SiteDeps, "store">, lease: Lease): Promise<number | null> {
  const attempt = lease.busyAttempt === null ? null : await deps.store.attempts.get(lease.busyAttempt);
  const run = attempt === null ? null : await deps.store.runs.get(attempt.runId);
  return run?.pullRequest ?? pullOf(deps, lease);
}

/** Stop and extend; each form counts once. */
export function buttonsFor(
  deps: Pick<SiteDeps, "ids">,
  root: string,
  { id, state }: Lease,
  to: string,
): readonly ButtonView[] {
  const action = (act: string) => `${root}/boxes/${id}/${act}`;
  const key = () => deps.ids.token(KEY_BYTES);
  const stop = { action: action("stop"), label: "Stop box", key: key(), to };
  const extend = { action: action("extend"), label: `Extend ${EXTEND_BY}`, key: key(), to };
  return [
    ...(state === "active"
      ? [{ ...extend, description: "Let the box live longer; what it may cost is reserved first" }]
      : []),
    ...(state === "active" || state === "requested"
      ? [{ ...stop, description: "End the box; a run on it is cancelled" }]
      : []),
  ];
}

function stateOf(lease: Lease, box: Box | null): { readonly state: string; readonly tone: Tone } {
  if (lease.state === "requested") return { state: "being made", tone: "waiting" };
  if (lease.state === "ending") return { state: "ending", tone: "neutral" };
  if (box?.state === "unknown") return { state: "not known", tone: "bad" };
  return lease.idleSince === null && lease.busyAttempt !== null
    ? { state: "at work", tone: "running" }
    : { state: "warm", tone: "good" };
}

function endOf({ idleSince, idleMs, expiresAt }: Lease): number {
  return idleSince === null ? expiresAt : Math.min(expiresAt, idleSince + idleMs);
}

function costOf(box: Box | null, now: number): string {
  if (box?.price === null || box === null) return "not known yet";
  return formatMicroUsd(billed(box.price, now - (box.readyAt ?? box.createdAt)));
}
