/** GitHub's cache and artifact services for one job, on loopback: what the real actions talk to. */

import type { CacheScope, Store } from "./store.ts";

export type ServicesOptions = {
  readonly store: Store;
  /** `owner/name`. */
  readonly repository: string;
  /** Id of the run: jobs started with the same one share artifacts. Any text. */
  readonly run: string;
  /** Tells the jobs of a run apart (id and matrix). Any text. */
  readonly job: string;
  /** Made by `cacheScopes`: the one written to, and those read, in order. */
  readonly caches: { readonly write: CacheScope; readonly read: readonly CacheScope[] };
  /** Address listened at, and said in URLs; 127.0.0.1 unless containers have to reach it by another one. */
  readonly address?: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What went wrong inside, for the log of whoever started it; a client only hears "internal". */
  readonly onFault?: (error: unknown) => void;
};

export type RunningServices = {
  /**
   * For every step: ACTIONS_CACHE_URL, ACTIONS_RESULTS_URL, ACTIONS_RUNTIME_URL, ACTIONS_CACHE_SERVICE_V2 and
   * ACTIONS_RUNTIME_TOKEN. The last one is a secret: mask it. Setting ACTIONS_RESULTS_URL or the token to
   * something else by GITHUB_ENV harms only the job itself.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Values to mask. */
  readonly secrets: readonly string[];
  /** Ends all connections and drops what was half uploaded; the store stays open. Safe to repeat. */
  close(): Promise<void>;
};

/** Starts the services of one job; rejects when the address cannot be had. */
export type StartServices = (options: ServicesOptions) => Promise<RunningServices>;
