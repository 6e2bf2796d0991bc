import type { Price } from "../../providers/provider.ts";

const HOUR_MS = 3_600_000;
const SECOND_MS = 1000;

/** What `durationMs` of one box costs as the provider bills it: started units, never less than the minimum; rounded up. */
export function billed(price: Price, durationMs: number): number {
  const seconds = Math.max(price.minimumSeconds, Math.ceil(Math.max(0, durationMs) / SECOND_MS));
  const step = Math.max(1, price.billingStepSeconds);
  const units = Math.ceil(seconds / step);
  return Math.ceil((price.microUsdPerHour * units * step * SECOND_MS) / HOUR_MS);
}

/** The worst case of one lease: the dearest of the types that may be tried, for the whole ttl. */
export function worstCase(prices: readonly Price[], ttlMs: number): number {
  return Math.max(0, ...prices.map((price) => billed(price, ttlMs)));
}

/** A slice of a box's time that somebody answers for. */
export type Share<K> = { readonly key: K; readonly durationMs: number };

/**
 * Splits `total` over the shares by time; what the shares do not cover of `lifeMs` (and every rounding remainder) is `rest`.
 * The parts always add up to `total` exactly.
 */
export function split<K>(
  total: number,
  lifeMs: number,
  shares: readonly Share<K>[],
): { readonly parts: readonly { readonly key: K; readonly microUsd: number }[]; readonly rest: number } {
  const covered = shares.reduce((sum, share) => sum + share.durationMs, 0);
  const whole = Math.max(1, lifeMs, covered);
  const parts = shares.map((share) => ({
    key: share.key,
    microUsd: Math.floor((total * share.durationMs) / whole),
  }));
  return { parts, rest: total - parts.reduce((sum, part) => sum + part.microUsd, 0) };
}

/** The first moment of `now`'s month in UTC: caps count from there. */
export function monthStart(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
