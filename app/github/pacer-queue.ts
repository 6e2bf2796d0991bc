/** In the order in which they go: a result is what people wait for, a reaction says "seen", progress can be skipped. */
export const PRIORITIES = ["result", "reaction", "progress"] as const;

export type Priority = (typeof PRIORITIES)[number];

/** One write that waits for its turn. */
export type Waiting = {
  /** What it writes to: of two waiting writes to the same, only the newer goes. Null: never replaced, never waits for another. */
  readonly key: string | null;
  /** Counts as content creation (comments, check runs and reactions made). */
  readonly content: boolean;
  readonly run: () => Promise<unknown>;
  readonly settle: (result: { readonly superseded: true } | { readonly value: unknown }) => void;
  readonly reject: (reason: unknown) => void;
  priority: Priority;
  tries: number;
};

export type WriteQueue = {
  readonly size: () => number;
  /** Adds behind its priority; false when the queue is full of writes that may not be dropped. */
  add(write: Waiting): boolean;
  /** Puts a write that GitHub turned away back to the front; superseded when a newer one waits. */
  putBack(write: Waiting): void;
  /** In order; the first for which `may` answers true is taken out. */
  take(may: (write: Waiting) => boolean): Waiting | null;
  /** False when it does not wait (any more). */
  remove(write: Waiting): boolean;
  /** Takes everything out. */
  drain(): readonly Waiting[];
};

/** A bounded queue with latest-wins by key. */
export function createWriteQueue(max: number): WriteQueue {
  const lanes: Record<Priority, Waiting[]> = { result: [], reaction: [], progress: [] };
  const byKey = new Map<string, Waiting>();
  const size = () => PRIORITIES.reduce((sum, priority) => sum + lanes[priority].length, 0);

  function remove(write: Waiting): boolean {
    const lane = lanes[write.priority];
    const at = lane.indexOf(write);
    if (at < 0) return false;
    lane.splice(at, 1);
    if (write.key !== null) byKey.delete(write.key);
    return true;
  }

  function enter(write: Waiting, where: "push" | "unshift"): void {
    lanes[write.priority][where](write);
    if (write.key !== null) byKey.set(write.key, write);
  }

  /** The newer says more than the older did; it keeps the better of the two places, so that frequent news never starve. */
  function replace(older: Waiting, newer: Waiting): void {
    if (PRIORITIES.indexOf(newer.priority) < PRIORITIES.indexOf(older.priority)) {
      remove(older);
      enter(newer, "push");
    } else {
      newer.priority = older.priority;
      lanes[older.priority].splice(lanes[older.priority].indexOf(older), 1, newer);
      if (newer.key !== null) byKey.set(newer.key, newer);
    }
    older.settle({ superseded: true });
  }

  return {
    size,
    add(write) {
      const older = write.key === null ? undefined : byKey.get(write.key);
      if (older !== undefined) {
        replace(older, write);
        return true;
      }
      if (size() >= max) {
        const droppable = lanes.progress.find((waiting) => waiting.key !== null);
        if (droppable === undefined || write.priority === "progress") return false;
        remove(droppable);
        droppable.settle({ superseded: true });
      }
      enter(write, "push");
      return true;
    },
    putBack(write) {
      if (write.key !== null && byKey.has(write.key)) write.settle({ superseded: true });
      else enter(write, "unshift");
    },
    take(may) {
      for (const priority of PRIORITIES) {
        const found = lanes[priority].find(may);
        if (found === undefined) continue;
        remove(found);
        return found;
      }
      return null;
    },
    remove,
    drain() {
      byKey.clear();
      return PRIORITIES.flatMap((priority) => lanes[priority].splice(0));
    },
  };
}
