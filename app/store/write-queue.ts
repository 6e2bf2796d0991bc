import type { Knex } from "knex";
import { AppError } from "../errors.ts";

/** Most pieces of work in one transaction: bounds how long the first of them waits for the last. */
const BATCH_MAX = 256;

export type WriteQueue = {
  write<T>(work: (db: Knex) => Promise<T>): Promise<T>;
  /**
   * One statement in its turn, which is its own transaction: a quarter of the trips to SQLite's thread. No guard runs before it, so
   * the statement must look at the fence itself.
   */
  statement<T>(work: (db: Knex) => Promise<T>): Promise<T>;
  /** Refuses new work, waits for what is under way. */
  close(): Promise<void>;
};

type Work = {
  /** Does the work and answers how to deliver its result. */
  readonly run: () => Promise<() => void>;
  readonly reject: (error: unknown) => void;
  readonly isStatement: boolean;
};

type QueueDeps = {
  /** A pool of one connection that nobody else uses: BEGIN and COMMIT rely on it. */
  readonly writer: Knex;
  /** Runs first in every transaction; what it throws fails everything in it. */
  readonly guard: (db: Knex) => Promise<void>;
  readonly toError: (thrown: unknown) => unknown;
};

/**
 * Group commit: all work that waits is done in one transaction, one fsync, in the order it came. Each piece has a savepoint, so
 * that one failure undoes only itself. Results are delivered after COMMIT; when that fails, everything in it fails.
 */
export function createWriteQueue(deps: QueueDeps): WriteQueue {
  const { writer } = deps;
  const waiting: Work[] = [];
  let working: Promise<void> | null = null;
  let closed = false;

  async function drain(): Promise<void> {
    // A turn of the event loop's queue lets everything asked for at once travel together.
    await Promise.resolve();
    for (let [first] = waiting; first !== undefined; [first] = waiting) {
      if (first.isStatement) await alone(waiting.splice(0, 1));
      else await commit(waiting.splice(0, together()));
    }
    working = null;
  }

  function together(): number {
    const end = waiting.findIndex((piece) => piece.isStatement);
    return Math.min(BATCH_MAX, end < 0 ? waiting.length : end);
  }

  async function alone(pieces: readonly Work[]): Promise<void> {
    for (const piece of pieces) {
      try {
        const deliver = await piece.run();
        deliver();
      } catch (thrown) {
        piece.reject(deps.toError(thrown));
      }
    }
  }

  async function commit(pieces: readonly Work[]): Promise<void> {
    const deliveries: (() => void)[] = [];
    try {
      await writer.raw("BEGIN IMMEDIATE");
      await deps.guard(writer);
      for (const piece of pieces) deliveries.push(await attempt(piece, pieces.length === 1));
      await writer.raw("COMMIT");
    } catch (thrown) {
      await worked("ROLLBACK");
      const error = deps.toError(thrown);
      for (const piece of pieces) piece.reject(error);
      return;
    }
    for (const deliver of deliveries) deliver();
  }

  /** A lone piece needs no savepoint: the transaction is its own. */
  async function attempt(piece: Work, alone: boolean): Promise<() => void> {
    if (alone) return piece.run();
    await writer.raw("SAVEPOINT piece");
    try {
      const deliver = await piece.run();
      await writer.raw("RELEASE piece");
      return deliver;
    } catch (thrown) {
      const undone = (await worked("ROLLBACK TO piece")) && (await worked("RELEASE piece"));
      if (!undone) throw thrown;
      return () => piece.reject(deps.toError(thrown));
    }
  }

  /**
   * SQLite rolls a whole transaction back by itself when the disk is full or fails: then there is nothing left to undo, and this
   * answers false. A transaction that really stayed open shows at the next BEGIN.
   */
  async function worked(sql: string): Promise<boolean> {
    return writer.raw(sql).then(
      () => true,
      () => false,
    );
  }

  function ask<T>(work: (db: Knex) => Promise<T>, isStatement: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      if (closed) {
        reject(new AppError("draining", "The store is closed.", "Start the App again."));
        return;
      }
      const run = async () => {
        const result = await work(writer);
        return () => resolve(result);
      };
      waiting.push({ run, reject, isStatement });
      working ??= drain();
    });
  }

  return {
    write: (work) => ask(work, false),
    statement: (work) => ask(work, true),
    async close() {
      closed = true;
      await working;
    },
  };
}
