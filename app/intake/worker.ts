import type { Clock } from "../clock.ts";
import { AppError, toAppError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Deliveries } from "../store/deliveries.ts";
import type { Delivery } from "../store/rows.ts";
import { readEnvelope } from "./envelope.ts";
import { createKeyedPool } from "./keyed-pool.ts";
import type { Receive } from "./receiver.ts";
import { within } from "./within.ts";

export type WorkerDeps = {
  readonly deliveries: Pick<Deliveries, "claim" | "done" | "failed">;
  readonly receive: Receive;
  readonly clock: Clock;
  readonly log: Log;
  readonly times?: WorkerTimes;
};

export type WorkerTimes = {
  /** Looks for due deliveries at least so often; a stored one wakes the worker at once. */
  readonly pollMs: number;
  /** A handler that takes longer has failed. */
  readonly handlerMs: number;
  /** Wait after the first failure; four times as long after each further one. */
  readonly firstRetryMs: number;
};

export type IntakeWorker = {
  /** Begins to hand stored deliveries on. */
  start(): void;
  /** There may be something new. */
  wake(): void;
  /** Deliveries claimed and not yet put away. */
  held(): number;
  /** Takes nothing more and waits for the handlers under way, at most `graceMs`; the rest is done after the restart. */
  stop(graceMs: number): Promise<void>;
};

/** Two or three calls to GitHub with their repeats take 30 s each at worst. */
const DEFAULT_TIMES: WorkerTimes = { pollMs: 5_000, handlerMs: 120_000, firstRetryMs: 1_000 };

/** Handlers at once: they wait for GitHub most of the time; GitHub allows 100 requests at once. */
const CONCURRENCY = 16;
/** Claimed at once: keeps the handlers busy and the memory bounded. */
const MAX_HELD = 64;
/** More are claimed when no more than these are left: one transaction for many, with the handlers still busy. */
const LOW_WATER = 32;
/** Four rounds of handlers that take their whole time. */
const CLAIM_MS = 10 * 60_000;
const MAX_RETRY_MS = 15 * 60_000;
/** With the waits above about an hour and a half: longer than most of GitHub's outages. */
const MAX_TRIES = 12;

/** Why a rest ends: made once, since an abort without a reason makes an exception each time. */
const AWAKE = new Error("there may be something to do");

/**
 * The durable queue's end: each stored delivery goes to its handlers until they succeed, or becomes a dead letter. Handlers must be
 * safe to repeat with the same delivery. Deliveries of one pull request go one after the other, unless one fails: then those behind
 * it are not held up.
 */
export function createIntakeWorker(deps: WorkerDeps): IntakeWorker {
  const times = deps.times ?? DEFAULT_TIMES;
  const pool = createKeyedPool(CONCURRENCY);
  const held = new Set<string>();
  const stopping = new AbortController();
  let waking = new AbortController();
  let looping = Promise.resolve();
  let soonestMs = Number.POSITIVE_INFINITY;

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      const full = await claim().catch((thrown: unknown) => {
        deps.log.error({ err: toAppError(thrown) }, "deliveries could not be claimed");
        return true;
      });
      // What ended or was stored meanwhile has aborted this already.
      if (full) await rest(times.pollMs);
      else await rest(Math.max(0, Math.min(times.pollMs, soonestMs - deps.clock.now())));
    }
  }

  /** Claims what fits; true when nothing more can be claimed before something ends or arrives. */
  async function claim(): Promise<boolean> {
    if (held.size > LOW_WATER) return true;
    const room = MAX_HELD - held.size;
    soonestMs = Number.POSITIVE_INFINITY;
    const claimed = await deps.deliveries.claim(room, CLAIM_MS);
    for (const delivery of claimed) take(delivery);
    if (claimed.length === room) wake();
    return false;
  }

  function take(delivery: Delivery): void {
    // Claimed a second time because it waited too long behind its pull request's others.
    if (held.has(delivery.guid)) return;
    held.add(delivery.guid);
    const read = readPayload(delivery);
    const orderKey = read.ok ? (readEnvelope(read.payload)?.orderKey ?? null) : null;
    void pool
      .run(orderKey, () => handle(delivery, read))
      .catch((thrown: unknown) => {
        // The claim lapses and the delivery comes again.
        deps.log.error({ guid: delivery.guid, err: toAppError(thrown) }, "delivery could not be put away");
      })
      .finally(() => {
        held.delete(delivery.guid);
        if (held.size === LOW_WATER) wake();
      });
  }

  async function handle(delivery: Delivery, read: Payload): Promise<void> {
    if (stopping.signal.aborted) return;
    const { guid, tries } = delivery;
    // A delivery that ends the process each time never gets as far as an error.
    if (tries > MAX_TRIES)
      return deps.deliveries.failed(guid, "The App ended each time it was handled.", null);
    try {
      if (!read.ok) throw read.cause;
      const event = { id: guid, name: delivery.event, payload: read.payload };
      await within(times.handlerMs, deps.clock, deps.receive(event));
    } catch (thrown) {
      return fail(delivery, thrown);
    }
    await deps.deliveries.done(guid);
  }

  async function fail(delivery: Delivery, thrown: unknown): Promise<void> {
    const { guid, event, tries } = delivery;
    const waitMs = Math.min(times.firstRetryMs * 4 ** (tries - 1), MAX_RETRY_MS);
    const nextAt = tries >= MAX_TRIES || isHopeless(thrown) ? null : deps.clock.now() + waitMs;
    deps.log.warn({ guid, event, tries, nextAt, err: thrown }, "delivery failed");
    await deps.deliveries.failed(guid, describe(thrown), nextAt);
    if (nextAt === null || nextAt >= soonestMs) return;
    soonestMs = nextAt;
    wake();
  }

  function wake(): void {
    // Called for each delivery of a burst: only the first of them ends a rest.
    if (!waking.signal.aborted) waking.abort(AWAKE);
  }

  async function rest(ms: number): Promise<void> {
    const { signal } = waking;
    if (stopping.signal.aborted || signal.aborted) return;
    await deps.clock.sleep(ms, signal).catch((reason: unknown) => {
      if (!signal.aborted) throw reason;
    });
  }

  return {
    start() {
      looping = loop().catch((thrown: unknown) => deps.log.fatal({ err: thrown }, "the intake worker ended"));
    },
    wake,
    held: () => held.size,
    async stop(graceMs) {
      stopping.abort();
      wake();
      const ended = Promise.all([looping, pool.settled()]).then(() => undefined);
      await within(graceMs, deps.clock, ended).catch(() => {
        deps.log.warn(
          { held: held.size },
          "handlers still ran when the intake ended; they run again after the restart",
        );
      });
    },
  };
}

type Payload =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly cause: unknown };

function readPayload(delivery: Delivery): Payload {
  try {
    return { ok: true, payload: JSON.parse(delivery.body.toString("utf8")) };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** The payload itself is wrong: it will be so each time. */
function isHopeless(thrown: unknown): boolean {
  return errorsOf(thrown).every((error) => error instanceof AppError && error.code === "bad_request");
}

/** Every handler's error in one line for the dead letter. */
function describe(thrown: unknown): string {
  return errorsOf(thrown)
    .map((error) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error)))
    .join("; ");
}

function errorsOf(thrown: unknown): readonly unknown[] {
  return thrown instanceof AggregateError ? thrown.errors : [thrown];
}
