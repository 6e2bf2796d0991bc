import type { ProviderBox } from "../../providers/provider.ts";
import type { LeaseId } from "../ids.ts";
import { leaseDue } from "../leases/due.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Box, Lease } from "../store/rows.ts";

/** A box that no lease knows is only marked at first, and ended when a later round still sees it (lists lag behind creates). */
export const ORPHAN_GRACE_MS = 120_000;

export type Known = {
  readonly lease: Lease;
  readonly box: Box | null;
  /** The run that holds it is over: a crash came between its end and the release of its lease. */
  readonly isAbandoned: boolean;
};

export type DiffInput = {
  readonly provider: string;
  /** What the provider lists under our owner label; null when nobody can be asked now: then nothing is said of boxes, and time still ends leases. */
  readonly seen: readonly ProviderBox[] | null;
  /** Every lease that is not ended, with its box. */
  readonly known: readonly Known[];
  /** When each unknown ref was first seen, epoch ms. */
  readonly orphans: ReadonlyMap<string, number>;
  readonly now: number;
};

export type Action =
  | { readonly do: "release"; readonly leaseId: LeaseId; readonly reason: LeaseEndReason }
  /** The box's own switch would end it before its lease does: it was not told of an extension. */
  | { readonly do: "extend"; readonly ref: string; readonly expiresAt: number }
  | { readonly do: "mark"; readonly ref: string }
  | { readonly do: "destroy"; readonly ref: string };

/** What is, against what should be, as a list of actions; pure. One provider's round says nothing about another's boxes. */
export function diff(input: DiffInput): readonly Action[] {
  const mine = input.known.filter(({ lease }) => lease.provider === input.provider);
  const refs =
    input.seen === null
      ? null
      : new Set(input.seen.filter((box) => box.state !== "gone").map((box) => box.ref));
  const actions: Action[] = [];
  for (const known of mine) {
    const { lease } = known;
    const reason = endReason(known, refs, input.now);
    if (reason !== null) actions.push({ do: "release", leaseId: lease.id, reason });
    else if (lease.state === "active" && isBehind(known, input.seen ?? []))
      actions.push({ do: "extend", ref: known.box?.ref ?? "", expiresAt: lease.expiresAt });
  }
  const leased = new Set(mine.map(({ lease }) => lease.id as string));
  for (const box of input.seen ?? []) {
    if (box.state === "gone" || box.state === "destroying" || leased.has(box.labels.leaseId)) continue;
    const first = input.orphans.get(box.ref);
    if (first === undefined) actions.push({ do: "mark", ref: box.ref });
    else if (input.now - first >= ORPHAN_GRACE_MS) actions.push({ do: "destroy", ref: box.ref });
  }
  return actions;
}

function endReason(
  { lease, box, isAbandoned }: Known,
  refs: ReadonlySet<string> | null,
  now: number,
): LeaseEndReason | null {
  if (lease.state === "ending") return lease.endReason ?? "released";
  const due = leaseDue(lease, now);
  if (due !== null) return due;
  if (isAbandoned) return "released";
  if (lease.busyAttempt !== null || box === null) return null;
  if (box.unfit !== null) return "box_unfit";
  const vanished = lease.state === "active" && box.ref !== null && refs?.has(box.ref) === false;
  return vanished ? "box_lost" : null;
}

function isBehind({ lease, box }: Known, seen: readonly ProviderBox[]): boolean {
  const mine = seen.find(({ ref }) => ref === box?.ref);
  return mine?.state === "ready" && mine.labels.expiresAt < lease.expiresAt;
}
