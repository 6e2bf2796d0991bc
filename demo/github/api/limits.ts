import { Failure } from "../http/failure.ts";
import type { Limits } from "../settings.ts";

/** Who pays for a call: an installation, an App with its JWT, or an anonymous address. */
export type Payer = {
  key: string;
  kind: "installation" | "app" | "anonymous";
  installationId: number | null;
};

export type Bucket = { limit: number; remaining: number; used: number; reset: number };

export type RateLimiter = {
  /** Takes one call; throws GitHub's 403 when a limit is crossed. The answer ends the call's concurrency. */
  enter: (
    payer: Payer,
    limits: Limits,
    call: { write: boolean; content: boolean; free: boolean },
  ) => () => void;
  /** The primary budget, as headers and GET /rate_limit show it. */
  primary: (payer: Payer, limits: Limits) => Bucket;
  reset: () => void;
  /** Highest use seen within one minute and one hour, per payer. */
  peaks: () => Record<string, { points: number; contentMinute: number; contentHour: number }>;
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** docs.github.com, "Calculating points for the secondary rate limit". */
const READ_POINTS = 1;
const WRITE_POINTS = 5;
/** What GitHub usually asks for after a secondary limit. */
const RETRY_AFTER_S = 60;
const SECONDARY =
  "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. If you reach out to GitHub Support for help, please include the request ID.";

type Account = {
  windowStart: number;
  used: number;
  points: Window;
  contentMinute: Window;
  contentHour: Window;
  running: number;
};

/** Counts calls per payer, in sliding windows. */
export function createRateLimiter(clock: () => number = Date.now): RateLimiter {
  const accounts = new Map<string, Account>();
  const accountOf = (payer: Payer): Account => {
    const now = clock();
    const known = accounts.get(payer.key) ?? {
      windowStart: now,
      used: 0,
      points: createWindow(MINUTE_MS),
      contentMinute: createWindow(MINUTE_MS),
      contentHour: createWindow(HOUR_MS),
      running: 0,
    };
    if (now - known.windowStart >= HOUR_MS) {
      known.windowStart = now;
      known.used = 0;
    }
    accounts.set(payer.key, known);
    return known;
  };
  const primary = (payer: Payer, limits: Limits): Bucket => {
    const account = accountOf(payer);
    const limit = payer.kind === "anonymous" ? limits.anonymousPerHour : limits.primaryPerHour;
    const reset = Math.ceil((account.windowStart + HOUR_MS) / 1000);
    return { limit, remaining: Math.max(0, limit - account.used), used: account.used, reset };
  };

  return {
    primary,
    reset: () => accounts.clear(),
    peaks: () =>
      Object.fromEntries(
        [...accounts].map(([key, account]) => [
          key,
          {
            points: account.points.peak(),
            contentMinute: account.contentMinute.peak(),
            contentHour: account.contentHour.peak(),
          },
        ]),
      ),
    enter: (payer, limits, call) => {
      const account = accountOf(payer);
      const now = clock();
      if (!call.free && primary(payer, limits).remaining === 0) throw primaryLimit(payer);
      const points = call.write ? WRITE_POINTS : READ_POINTS;
      if (account.running >= limits.concurrent) throw secondaryLimit();
      if (payer.kind === "installation") {
        if (account.points.sum(now) + points > limits.pointsPerMinute) throw secondaryLimit();
        if (call.content && account.contentMinute.sum(now) + 1 > limits.contentPerMinute)
          throw secondaryLimit();
        if (call.content && account.contentHour.sum(now) + 1 > limits.contentPerHour) throw secondaryLimit();
      }
      account.points.add(now, points);
      if (call.content) {
        account.contentMinute.add(now, 1);
        account.contentHour.add(now, 1);
      }
      if (!call.free) account.used += 1;
      account.running += 1;
      return () => {
        account.running -= 1;
      };
    },
  };
}

/** GitHub's answer when a secondary limit is crossed. */
export function secondaryLimit(retryAfterS: number = RETRY_AFTER_S): Failure {
  return new Failure(403, SECONDARY, { headers: { "retry-after": String(retryAfterS) }, limit: true });
}

/** GitHub's answer when the hour's budget is used up. */
export function primaryLimit(payer: Payer): Failure {
  const who = payer.kind === "installation" ? `installation ID ${payer.installationId}` : payer.key;
  return new Failure(403, `API rate limit exceeded for ${who}.`, { limit: true });
}

type Window = { add: (at: number, value: number) => void; sum: (at: number) => number; peak: () => number };

function createWindow(lengthMs: number): Window {
  let entries: { at: number; value: number }[] = [];
  let total = 0;
  let highest = 0;
  let first = 0;
  const drop = (at: number): void => {
    let entry = entries[first];
    while (entry !== undefined && entry.at <= at - lengthMs) {
      total -= entry.value;
      first += 1;
      entry = entries[first];
    }
    if (first > 1_000) {
      entries = entries.slice(first);
      first = 0;
    }
  };
  return {
    add: (at, value) => {
      drop(at);
      entries.push({ at, value });
      total += value;
      highest = Math.max(highest, total);
    },
    sum: (at) => {
      drop(at);
      return total;
    },
    peak: () => highest,
  };
}
