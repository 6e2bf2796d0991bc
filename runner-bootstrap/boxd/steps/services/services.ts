/** GitHub's cache and artifact services for one job, on loopback: what the real actions talk to. */

import { randomBytes } from "node:crypto";
import type * as Http from "node:http";
import { createRequire } from "node:module";
import { isIPv6 } from "node:net";

import type { CacheMode } from "../cache-mode.ts";
import { DEFAULT_CACHE_MODE } from "../cache-mode.ts";
import { createRouter } from "./router.ts";
import { createSigner } from "./signed-url.ts";
import type { CacheScope, Store } from "./store.ts";
import { jobIdentity, makeToken } from "./token.ts";
import { createOpenUploads } from "./open-uploads.ts";

/** Not by `import`: that has Node load its WebSocket client for the names of this module, 20 ms of a program's start. */
const { createServer } = createRequire(import.meta.url)("node:http") as typeof Http;

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
  /** What the job may do with them; both when left out. */
  readonly cacheMode?: CacheMode | undefined;
  /** Address listened at, and said in URLs; 127.0.0.1 unless containers have to reach it by another one. */
  readonly address?: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** What went wrong inside, for the log of whoever started it; a client only hears "internal". */
  readonly onFault?: (error: unknown) => void;
};

export type RunningServices = {
  /**
   * For `EngineHost.services`: ACTIONS_CACHE_URL, ACTIONS_RESULTS_URL, ACTIONS_RUNTIME_URL, ACTIONS_CACHE_SERVICE_V2,
   * ACTIONS_CACHE_MODE and ACTIONS_RUNTIME_TOKEN, which is a secret.
   */
  readonly env: Readonly<Record<string, string>>;
  /** Values to mask. */
  readonly secrets: readonly string[];
  /** Ends all connections and drops what was half uploaded; the store stays open. Safe to repeat. */
  close(): Promise<void>;
};

/** Ten keys of 512 characters, each byte written as %XX, in the query of cache v1. */
const HEADERS_MAX_BYTES = 64 * 1024;
/** Clients use 8 to 16 at once, for each step that runs. */
const CONNECTIONS_MAX = 256;
/** For one request, which carries 128 MB at the most; then it has hung. */
const REQUEST_TIMEOUT_MS = 30 * 60_000;
const LOOPBACK = "127.0.0.1";

/**
 * Starts the services of one job; rejects when the address cannot be had. Token and keys are made anew each time, so
 * nothing of another job is of any use here, and nothing of this one after `close`.
 */
export async function startServices(options: ServicesOptions): Promise<RunningServices> {
  const { store, repository, now, cacheMode: mode = DEFAULT_CACHE_MODE } = options;
  const identity = jobIdentity(repository, options.run, options.job);
  const token = makeToken(randomBytes(32), identity, { ...options.caches, mode }, now());
  const uploads = createOpenUploads(store, now);
  const server = createServer({ maxHeaderSize: HEADERS_MAX_BYTES, requestTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = CONNECTIONS_MAX;
  const base = await listen(server, options.address ?? LOOPBACK);
  const signer = createSigner(randomBytes(32), base, now);
  server.on(
    "request",
    createRouter({
      store,
      uploads,
      signer,
      token,
      identity,
      run: { repository, run: options.run },
      caches: options.caches,
      mode,
      onFault: options.onFault ?? (() => undefined),
    }),
  );
  let closing: Promise<void> | undefined;
  return {
    env: {
      ACTIONS_CACHE_URL: `${base}/`,
      ACTIONS_RESULTS_URL: `${base}/`,
      ACTIONS_RUNTIME_URL: `${base}/`,
      // .NET's `bool.TrueString` (actions/runner, NodeScriptActionHandler.cs:78).
      ACTIONS_CACHE_SERVICE_V2: "True",
      // Clients of 2026 read it and do not ask at all (actions/runner #4538, actions/toolkit #2447).
      ACTIONS_CACHE_MODE: mode,
      ACTIONS_RUNTIME_TOKEN: token,
    },
    secrets: [token],
    close() {
      closing ??= end(server).then(() => uploads.endAll());
      return closing;
    },
  };
}

async function listen(server: Http.Server, address: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, address, resolve);
  });
  const at = server.address();
  if (at === null || typeof at === "string") throw new Error(`no port at ${address}`);
  return `http://${isIPv6(address) ? `[${address}]` : address}:${at.port}`;
}

async function end(server: Http.Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
