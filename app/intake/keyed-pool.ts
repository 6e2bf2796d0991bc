export type KeyedPool = {
  /** Runs the work when there is room and, with a key, after the earlier work of that key has ended either way. */
  run(key: string | null, work: () => Promise<void>): Promise<void>;
  /** Resolves when nothing runs or waits. */
  settled(): Promise<void>;
};

/** At most `concurrency` at once, one at a time of each key, in order of arrival. Its callers bound what waits. */
export function createKeyedPool(concurrency: number): KeyedPool {
  const tails = new Map<string, Promise<unknown>>();
  const all = new Set<Promise<unknown>>();
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inRoom(work: () => Promise<void>): Promise<void> {
    if (running >= concurrency) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      await work();
    } finally {
      // Room is handed over, not freed and fought for.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    async run(key, work) {
      const before = key === null ? undefined : tails.get(key);
      const turn = before === undefined ? inRoom(work) : before.then(() => inRoom(work));
      const ended = turn.then(
        () => undefined,
        () => undefined,
      );
      all.add(ended);
      if (key !== null) tails.set(key, ended);
      try {
        await turn;
      } finally {
        all.delete(ended);
        if (key !== null && tails.get(key) === ended) tails.delete(key);
      }
    },
    async settled() {
      while (all.size > 0) await Promise.all(all);
    },
  };
}
