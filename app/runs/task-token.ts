import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { BoxLink } from "../ssh/boxd-client.ts";

/** GitHub's installation tokens live an hour; a sync that takes longer (large files, submodules) gets the next one in time. */
const RENEW_AFTER_MS = 45 * 60_000;
/** A new token could not be had or sent: asked again after this. */
const AGAIN_MS = 30_000;

export type TaskTokenDeps = {
  readonly clock: Clock;
  readonly log: Log;
  /** The token is needed no more. */
  readonly syncDone: (token: string) => void;
};

/** The token of one task's sync, from before its start until its sync is over. */
export type TaskToken = {
  /** Null when none is needed, or none any more. */
  value(): string | null;
  /**
   * Keeps the task supplied over this link until the answer is called: at once when it may have begun under an earlier process, whose
   * token may be worth nothing by now, and anew before an hour is over.
   */
  supply(link: Pick<BoxLink, "token">, taskId: string, begun: boolean): () => void;
  /** The sync is over. Safe to repeat. */
  done(): void;
};

/** `renew` mints another one. Only ever hands on what is needed: nothing after `done`. */
export function createTaskToken(
  deps: TaskTokenDeps,
  first: string | null,
  renew: () => Promise<string | null>,
): TaskToken {
  let token = first;
  let mintedAt = deps.clock.now();
  const over = new AbortController();

  async function supply(link: Pick<BoxLink, "token">, taskId: string, begun: boolean, signal: AbortSignal) {
    let isToSend = begun;
    while (token !== null && !signal.aborted) {
      try {
        if (isToSend) await link.token(taskId, token);
        isToSend = false;
        await deps.clock.sleep(Math.max(0, mintedAt + RENEW_AFTER_MS - deps.clock.now()), signal);
        const next = await renew();
        // Over meanwhile: nobody else would make it worthless.
        if (over.signal.aborted && next !== null) deps.syncDone(next);
        else {
          token = next;
          mintedAt = deps.clock.now();
          isToSend = true;
        }
      } catch (error) {
        if (signal.aborted) return;
        deps.log.info({ err: error, task: taskId }, "a task could not be given its token yet");
        await deps.clock.sleep(AGAIN_MS, signal).catch(() => undefined);
      }
    }
  }

  return {
    value: () => token,
    supply(link, taskId, begun) {
      const stop = new AbortController();
      void supply(link, taskId, begun, AbortSignal.any([stop.signal, over.signal]));
      return () => stop.abort();
    },
    done() {
      over.abort();
      if (token !== null) deps.syncDone(token);
      token = null;
    },
  };
}
