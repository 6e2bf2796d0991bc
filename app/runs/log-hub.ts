import type { AttemptId, RunId } from "../ids.ts";

/** Tells who watches that something grew or changed; carries no data, so a slow listener holds nothing up. */
export type Hub<K> = {
  publish(key: K): void;
  /** Answers how to stop listening. */
  subscribe(key: K, listener: () => void): () => void;
};

export type LogHub = Hub<AttemptId>;
export type RunHub = Hub<RunId>;

/** An empty hub: listeners by key, told within this process only. */
export function createHub<K>(): Hub<K> {
  const listeners = new Map<K, Set<() => void>>();
  return {
    publish(key) {
      for (const listener of listeners.get(key) ?? []) listener();
    },
    subscribe(key, listener) {
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
  };
}
