import type { Clock } from "../clock.ts";
import { AppError, toAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { AccountFilter } from "./account-filter.ts";
import { readEnvelope } from "./envelope.ts";
import type { Wanted } from "./routes.ts";

/** GitHub's log of what it tried to deliver to this App. */
export type DeliveryLog = {
  listSince(since: number, signal?: AbortSignal): Promise<readonly Attempt[]>;
  payload(id: number, signal?: AbortSignal): Promise<Payload>;
  requestAttempt(id: number, signal?: AbortSignal): Promise<void>;
};

type Payload = {
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly body: string | null;
};

type Attempt = {
  readonly id: number;
  readonly guid: string;
  readonly delivered: boolean;
};

export type RedeliverDeps = {
  readonly log: Log;
  readonly clock: Clock;
  readonly github: DeliveryLog;
  readonly deliveries: Pick<Deliveries, "put" | "known">;
  readonly isOurs: AccountFilter;
  /** As at the door. */
  readonly isWanted: Wanted;
  readonly onStored: () => void;
  /** Remembers over restarts until when everything was looked at. */
  readonly lookedUntil: { read(): Promise<number | null>; write(at: number): Promise<void> };
  readonly intervalMs?: number;
};

/** What one look brought. */
export type Look = {
  /** Stored now. */
  readonly fetched: number;
  /** GitHub no longer shows the payload: it was asked to deliver again. */
  readonly asked: number;
};

export type Redeliver = {
  /** Looks at once, soon again, and then at every interval. Call it when the door is open: what comes before is found then. */
  start(): void;
  stop(): void;
  /** One look. Safe to repeat: what is stored already is left alone. Throws as GitHub's functions do. */
  look(signal?: AbortSignal): Promise<Look>;
};

const INTERVAL_MS = 5 * 60_000;
/** After the first look: GitHub waits 10 s for an answer, so what an earlier process did not answer shows as failed only then. */
const SECOND_LOOK_MS = 15_000;
/** After a failed look. */
const RETRY_MS = 30_000;
/** GitHub keeps deliveries for three days (docs "Redelivering webhooks"). */
const MAX_AGE_MS = 3 * 24 * 3_600_000;
/** Attempts may appear late in the list: each look reaches back into the one before. */
const OVERLAP_MS = 10 * 60_000;
/** Payloads asked for side by side; GitHub allows 100 requests at once. */
const FETCHED_AT_ONCE = 8;
/** Found to be nobody's; forgotten all at once beyond this, then looked at once more. */
const MAX_SETTLED = 50_000;

/** Fetches what GitHub could not deliver (the App was down, or turned it away), so that nothing is lost. */
export function createRedeliver(deps: RedeliverDeps): Redeliver {
  const settled = new Set<string>();
  const stopping = new AbortController();

  async function look(signal?: AbortSignal): Promise<Look> {
    const now = deps.clock.now();
    const last = await deps.lookedUntil.read();
    const since = Math.max(now - MAX_AGE_MS, last === null ? 0 : last - OVERLAP_MS);
    const missing = await missingSince(since, signal);
    let fetched = 0;
    let asked = 0;
    for (let at = 0; at < missing.length; at += FETCHED_AT_ONCE) {
      const some = missing.slice(at, at + FETCHED_AT_ONCE);
      const payloads = await Promise.all(some.map((attempt) => payloadOf(attempt, signal)));
      // Side by side, so that they share a commit; they are stored in the order in which they are handed over.
      const results = await Promise.all(
        some.map((attempt, index) => keep(attempt, payloads[index] ?? null, signal)),
      );
      for (const result of results) {
        if (result === "fetched") fetched += 1;
        if (result === "asked") asked += 1;
      }
    }
    await deps.lookedUntil.write(now);
    if (fetched + asked > 0)
      deps.log.info({ fetched, asked }, "deliveries that GitHub could not deliver were fetched");
    return { fetched, asked };
  }

  /** One attempt of each delivery that never reached us, oldest first as far as GitHub's ids tell. */
  async function missingSince(since: number, signal?: AbortSignal): Promise<readonly Attempt[]> {
    const attempts = await deps.github.listSince(since, signal);
    const arrived = new Set(attempts.filter((attempt) => attempt.delivered).map((attempt) => attempt.guid));
    const byGuid = new Map<string, Attempt>();
    for (const attempt of attempts) {
      if (!arrived.has(attempt.guid) && !settled.has(attempt.guid)) byGuid.set(attempt.guid, attempt);
    }
    const known = await deps.deliveries.known([...byGuid.keys()]);
    return [...byGuid.values()]
      .filter((attempt) => !known.has(attempt.guid))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Null when GitHub forgot the delivery between the list and now. */
  async function payloadOf(attempt: Attempt, signal?: AbortSignal): Promise<Payload | null> {
    try {
      return await deps.github.payload(attempt.id, signal);
    } catch (thrown) {
      if (thrown instanceof AppError && thrown.code === "github_gone") return null;
      throw thrown;
    }
  }

  async function keep(
    attempt: Attempt,
    delivery: Payload | null,
    signal?: AbortSignal,
  ): Promise<"fetched" | "asked" | "ignored"> {
    if (delivery === null) return "ignored";
    if (delivery.body === null) {
      await deps.github.requestAttempt(attempt.id, signal);
      settle(attempt.guid);
      return "asked";
    }
    const payload: unknown = JSON.parse(delivery.body);
    const envelope = readEnvelope(payload);
    if (envelope === null || !deps.isOurs(envelope)) {
      settle(attempt.guid);
      return "ignored";
    }
    const unwanted = !deps.isWanted(delivery.event, payload);
    const result = await deps.deliveries.put({
      guid: attempt.guid,
      event: delivery.event,
      action: delivery.action,
      installationId: delivery.installationId,
      body: Buffer.from(delivery.body),
      unwanted,
    });
    // `conflict`: GitHub's own bytes arrived meanwhile and differ in form only; they were first.
    if (result !== "stored") return "ignored";
    if (!unwanted) deps.onStored();
    return "fetched";
  }

  function settle(guid: string): void {
    if (settled.size >= MAX_SETTLED) settled.clear();
    settled.add(guid);
  }

  async function loop(): Promise<void> {
    let looks = 0;
    while (!stopping.signal.aborted) {
      const waitMs = await look(stopping.signal).then(
        () => {
          looks += 1;
          return looks === 1 ? SECOND_LOOK_MS : (deps.intervalMs ?? INTERVAL_MS);
        },
        (thrown: unknown) => {
          if (!stopping.signal.aborted) {
            deps.log.warn({ err: toAppError(thrown) }, "GitHub's delivery log could not be read");
          }
          return RETRY_MS;
        },
      );
      await deps.clock.sleep(waitMs, stopping.signal);
    }
  }

  return {
    look,
    start() {
      loop().catch((thrown: unknown) => {
        if (!stopping.signal.aborted) deps.log.fatal({ err: thrown }, "the look for lost deliveries ended");
      });
    },
    stop: () => stopping.abort(),
  };
}
