import type { Lease } from "../store/rows.ts";
import type { LeaseEndReason } from "./lease.ts";

/** Why this lease must end now, or null. A busy one ends by its ttl only: its task's own deadline lies before that. */
export function leaseDue(lease: Lease, now: number): Extract<LeaseEndReason, "ttl" | "idle"> | null {
  if (lease.state !== "active" && lease.state !== "requested") return null;
  if (now >= lease.expiresAt) return "ttl";
  if (lease.state !== "active" || lease.busyAttempt !== null || lease.idleSince === null) return null;
  return now >= lease.idleSince + lease.idleMs ? "idle" : null;
}
