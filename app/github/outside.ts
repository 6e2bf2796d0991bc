import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Created } from "./hub.ts";

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
const FIRST_LOOK_MS = 1_000;
/** Creations of one `ensure` that ended unclear and left nothing to find. */
const MAX_CREATES = 3;
/** Stored for what was found: its content is not known to be ours of now. */
const UNKNOWN_CONTENT = "";

export function createOutside(deps: { readonly outside: OutsideRows; readonly clock: Clock }): Outside {
  const running = new Map<string, Promise<Ensured<unknown>>>();

  async function make<T>(call: Ensure<T>): Promise<Ensured<T>> {
    const row = await deps.outside.intend(call.key);
    if (row.state === "done") return { value: call.result.parse(row.result), created: false };
    if (!row.fresh) {
      const found = await call.find();
      if (found !== null) return keep(call, found, false);
    }
    let last: AppError | null = null;
    for (let n = 0; n < MAX_CREATES; n += 1) {
      const created = await call.create();
      if (created.kind === "written") return keep(call, created.value, true);
      last = created.error;
      const found = await lookAgain(call);
      if (found !== null) return keep(call, found, false);
    }
    throw last ?? new AppError("internal", "Nothing was tried.", "Report this as a bug.");
  }

  async function keep<T>(call: Ensure<T>, value: T, created: boolean): Promise<Ensured<T>> {
    await deps.outside.done(call.key, value, created ? call.sent : UNKNOWN_CONTENT);
    return { value, created };
  }

  async function lookAgain<T>(call: Ensure<T>): Promise<T | null> {
    for (let look = 0; look < LOOKS; look += 1) {
      await deps.clock.sleep(FIRST_LOOK_MS * 2 ** look);
      const found = await call.find();
      if (found !== null) return found;
    }
    return null;
  }

  return {
    async ensure<T>(call: Ensure<T>) {
      const earlier = running.get(call.key);
      // The value is read through the second caller's own schema: nobody trusts another call's type.
      if (earlier !== undefined) return { value: call.result.parse((await earlier).value), created: false };
      const started = make(call).finally(() => running.delete(call.key));
      running.set(call.key, started);
      return started;
    },
  };
}
