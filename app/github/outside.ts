import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Created } from "./hub.ts";
import { untilAborted } from "./until-aborted.ts";

export type Ensure<T> = {
  /** Names the one thing that must exist once: `check:<run>`, `sticky:<repository>:<pull request>`. */
  readonly key: string;
  /** Reads the stored result back. */
  readonly result: z.ZodType<T>;
  /** Looks outside for what an earlier try may have made (external id, marker). */
  readonly find: () => Promise<T | null>;
  readonly create: () => Promise<Created<T>>;
  /** Hash of what `create` sends; what `find` found counts as unknown content. */
  readonly sent: string;
  /** Ends the caller's wait, not a creation that is on its way: the next `ensure` of the key waits for that. */
  readonly signal?: AbortSignal | undefined;
};

export type Ensured<T> = {
  readonly value: T;
  /** False when it was there already: the caller's content may not be shown yet. */
  readonly created: boolean;
};

/** What is needed of the store's table of outside calls. */
type OutsideRows = {
  intend(
    key: string,
  ): Promise<{ readonly state: "intended" | "done"; readonly result: unknown; readonly fresh: boolean }>;
  done(key: string, result: unknown, sent: string): Promise<void>;
};

export type Outside = {
  /**
   * Makes something outside exactly once (law 2): the intention is stored first; after a crash or an unclear answer it is looked
   * up before it is made again. Safe to repeat, also at the same time. Throws as `create` and `find` do.
   */
  ensure<T>(call: Ensure<T>): Promise<Ensured<T>>;
};

/** What was just made may not be listed yet: looks after an unclear answer, with growing waits between. */
const LOOKS = 3;
/** The same after a crash: the call may have left the process that died a moment ago. */
const LOOKS_AFTER_CRASH = 1;
const FIRST_LOOK_MS = 1_000;
/** Creations of one `ensure` that ended unclear and left nothing to find. */
const MAX_CREATES = 3;
/** Keys remembered as surely not made; beyond that they are forgotten, and looked up like all others. */
const MAX_UNMADE = 10_000;
/** Stored for what was found: its content is not known to be ours of now. */
const UNKNOWN_CONTENT = "";

/** What is made outside exactly once, over the table of outside calls. */
export function createOutside(deps: { readonly outside: OutsideRows; readonly clock: Clock }): Outside {
  const running = new Map<string, Promise<Ensured<unknown>>>();
  const unmade = new Set<string>();

  async function make<T>(call: Ensure<T>): Promise<Ensured<T>> {
    const row = await deps.outside.intend(call.key);
    if (row.state === "done") return { value: call.result.parse(row.result), created: false };
    if (!unmade.delete(call.key) && !row.fresh) {
      const found = (await call.find()) ?? (await lookAgain(call, LOOKS_AFTER_CRASH));
      if (found !== null) return keep(call, found, false);
    }
    let last: AppError | null = null;
    for (let n = 0; n < MAX_CREATES; n += 1) {
      const created = await call.create().catch((thrown: unknown) => {
        // Whatever may have happened is answered as unclear: what is thrown the first time was never made.
        if (n === 0) remember(call.key);
        throw thrown;
      });
      if (created.kind === "written") return keep(call, created.value, true);
      last = created.error;
      const found = await lookAgain(call, LOOKS);
      if (found !== null) return keep(call, found, false);
    }
    throw last ?? new AppError("internal", "Nothing was tried.", "Report this as a bug.");
  }

  function remember(key: string): void {
    if (unmade.size >= MAX_UNMADE) unmade.clear();
    unmade.add(key);
  }

  async function keep<T>(call: Ensure<T>, value: T, created: boolean): Promise<Ensured<T>> {
    await deps.outside.done(call.key, value, created ? call.sent : UNKNOWN_CONTENT);
    return { value, created };
  }

  async function lookAgain<T>(call: Ensure<T>, looks: number): Promise<T | null> {
    for (let look = 0; look < looks; look += 1) {
      await deps.clock.sleep(FIRST_LOOK_MS * 2 ** look);
      const found = await call.find();
      if (found !== null) return found;
    }
    return null;
  }

  /** Null when that one ended without a result: its caller hears why, the next one tries for itself. */
  async function joined<T>(call: Ensure<T>, earlier: Promise<Ensured<unknown>>): Promise<Ensured<T> | null> {
    const ensured = await untilAborted(
      earlier.catch(() => null),
      call.signal,
    );
    // The value is read through the second caller's own schema: nobody trusts another call's type.
    return ensured === null ? null : { value: call.result.parse(ensured.value), created: false };
  }

  return {
    async ensure<T>(call: Ensure<T>) {
      for (;;) {
        const earlier = running.get(call.key);
        if (earlier === undefined) break;
        const result = await joined(call, earlier);
        if (result !== null) return result;
      }
      const started = make(call).finally(() => running.delete(call.key));
      running.set(call.key, started);
      return untilAborted(started, call.signal);
    },
  };
}
