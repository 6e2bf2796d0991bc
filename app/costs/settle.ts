import type { Attempt, Box, Lease, LedgerLine } from "../store/rows.ts";
import { billed, split } from "./price.ts";

/** Who an attempt is booked to. */
export type Booking = {
  readonly repositoryId: number;
  readonly pullRequest: number | null;
  readonly member: string;
};

export type SettleInput = {
  readonly lease: Lease;
  readonly box: Box;
  readonly attempts: readonly { readonly attempt: Attempt; readonly booking: Booking }[];
  /** Net of `reserve` minus `release` lines already booked for this lease. */
  readonly reservedMicroUsd: number;
  /** When the box stopped costing, epoch ms. */
  readonly endedAt: number;
};

/**
 * The lines that close a lease: its reservation released, the actual cost charged and split over the attempts; idle time goes
 * to the account's own line. Keys make it safe to book twice.
 */
export function settleLines(input: SettleInput): readonly LedgerLine[] {
  const { lease, box } = input;
  const base = {
    accountId: lease.accountId,
    provider: lease.provider,
    class: lease.class,
    ...(box.type === null ? {} : { type: box.type }),
    leaseId: lease.id,
  };
  const lines: LedgerLine[] = [
    {
      ...base,
      kind: "release",
      key: `release:${lease.id}`,
      microUsd: input.reservedMicroUsd,
      repositoryId: lease.repositoryId,
    },
  ];
  if (box.price === null || box.readyAt === null) return lines;
  const lifeMs = Math.max(0, input.endedAt - box.createdAt);
  const total = billed(box.price, lifeMs);
  const shares = input.attempts.map(({ attempt, booking }) => ({
    key: { attempt, booking },
    durationMs: Math.max(0, (attempt.endedAt ?? input.endedAt) - attempt.createdAt),
  }));
  const { parts, rest } = split(total, lifeMs, shares);
  for (const { key, microUsd } of parts) {
    lines.push({
      ...base,
      kind: "charge",
      key: `charge:${lease.id}:${key.attempt.id}`,
      microUsd,
      repositoryId: key.booking.repositoryId,
      ...(key.booking.pullRequest === null ? {} : { pullRequest: key.booking.pullRequest }),
      member: key.booking.member,
      attemptId: key.attempt.id,
    });
  }
  lines.push({ ...base, kind: "charge", key: `charge:${lease.id}:idle`, microUsd: rest });
  return lines;
}
