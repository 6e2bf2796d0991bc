import type { Provider } from "../../providers/provider.ts";
import { inlineCode } from "../clamp.ts";
import type { Clock } from "../clock.ts";
import type { LeaseId } from "../ids.ts";
import type { Log } from "../log.ts";
import type { Box, Lease } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { createBox } from "./create-box.ts";
import { heldFor, type LeaseEndReason } from "./lease.ts";
import { WARMUP } from "./warm-up.ts";

/** A process that died is noticed after this, or at once by its older fence. */
const CLAIM_MS = 60_000;
const RENEW_MS = CLAIM_MS / 3;
/** Also asked without a wake: for claims of dead processes and what failed inside. */
const POLL_MS = 5_000;
/** Boxes made at once beside those that runs wait for. */
const MAX_AT_ONCE = 4;
/** Longest part of a provider's words that an answer repeats. */
const WHY_BYTES = 400;

export type WarmerDeps = {
  readonly store: Pick<Store, "leases" | "boxes" | "repositories" | "ledger" | "answers" | "owner">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly log: Log;
  readonly release: (id: LeaseId, reason: LeaseEndReason) => Promise<unknown>;
  /** Logs in and puts boxd there, so that the first run finds it; rejects when that is not possible now. */
  readonly prepare: (box: Box, signal: AbortSignal) => Promise<void>;
  /** The comment of the pull request names its boxes. */
  readonly touchSticky: (repositoryId: number, pullRequest: number) => void;
};

/** Makes the boxes of leases that no run waits for. */
export type Warmer = {
  wake(): void;
  /** The lease ends: who makes its box stops. */
  letGo(id: LeaseId): void;
  /** Lets go of what is under way, which the next process takes up, and waits. */
  stop(): Promise<void>;
};

/** Claims such leases and makes the box of each; one that an earlier process died over goes on. */
export function startWarmer(deps: WarmerDeps): Warmer {
  const stopping = new AbortController();
  const active = new Map<LeaseId, { readonly end: AbortController; readonly done: Promise<void> }>();
  let wanted = false;
  let wakeUp: (() => void) | null = null;
  const wake = () => {
    wanted = true;
    wakeUp?.();
  };

  function take(lease: Lease): void {
    const end = new AbortController();
    const signal = AbortSignal.any([stopping.signal, end.signal]);
    const renewal = setInterval(() => {
      deps.store.leases
        .renew(lease.id, CLAIM_MS)
        .catch((error: unknown) =>
          deps.log.warn({ err: error, lease: lease.id }, "a claim could not be renewed"),
        );
    }, RENEW_MS);
    const done = makeWarm(deps, lease, signal)
      .catch((error: unknown) => {
        if (!signal.aborted) deps.log.error({ err: error, lease: lease.id }, "a box could not be warmed up");
      })
      .finally(() => {
        clearInterval(renewal);
        active.delete(lease.id);
      });
    active.set(lease.id, { end, done });
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      wanted = false;
      const free = MAX_AT_ONCE - active.size;
      try {
        const leases = free > 0 ? await deps.store.leases.claimRequested(WARMUP, free, CLAIM_MS) : [];
        for (const lease of leases) if (!active.has(lease.id)) take(lease);
      } catch (error) {
        deps.log.error({ err: error }, "claiming leases failed");
      }
      if (wanted) continue;
      await Promise.race([new Promise<void>((resolve) => (wakeUp = resolve)), deps.clock.sleep(POLL_MS)]);
    }
  }

  const running = loop();
  return {
    wake,
    letGo: (id) => active.get(id)?.end.abort(),
    async stop() {
      stopping.abort();
      wake();
      await Promise.all([running, ...[...active.values()].map(({ done }) => done)]);
    },
  };
}

async function makeWarm(deps: WarmerDeps, lease: Lease, signal: AbortSignal): Promise<void> {
  const repository = await deps.store.repositories.get(lease.repositoryId);
  const provider = deps.providers.get(lease.provider);
  if (repository === null || provider === undefined) {
    await giveUp(deps, lease, "failed", "Its provider is not configured any more.");
    return;
  }
  const made = await createBox(deps, provider, lease, repository, signal);
  if (made.kind === "failed") {
    const { kind, message, hint } = made.error;
    const reason = kind === "no_capacity" || kind === "quota" ? "no_capacity" : "failed";
    await giveUp(deps, lease, reason, `${message} ${hint}`);
    return;
  }
  touch(deps, lease);
  await deps.prepare(made.box, signal).catch((error: unknown) => {
    // It is there and costs; the first run on it tries again and says what is wrong.
    if (!signal.aborted) deps.log.warn({ err: error, lease: lease.id }, "a warm box could not be prepared");
  });
}

/** Ends it and says so; what somebody else ended needs no word. */
async function giveUp(deps: WarmerDeps, lease: Lease, reason: LeaseEndReason, why: string): Promise<void> {
  const isOurs = (await deps.store.leases.get(lease.id))?.state === "requested";
  const pull = heldFor(lease.holder);
  if (isOurs && pull !== null) {
    const lines = await deps.store.ledger.ofLease(lease.id);
    await deps.store.answers.put({
      key: `warmup:${lease.id}`,
      ...pull,
      actor: lines.find(({ kind }) => kind === "reserve")?.member ?? "",
      body: `The warm box \`${lease.slug}\` could not be made: ${inlineCode(why, WHY_BYTES)}`,
    });
  }
  await deps.release(lease.id, reason);
  touch(deps, lease);
}

function touch(deps: WarmerDeps, { holder }: Lease): void {
  const pull = heldFor(holder);
  if (pull !== null) deps.touchSticky(pull.repositoryId, pull.pullRequest);
}
