import type { Store } from "./store/store.ts";
import type { Tables } from "./store/tables.ts";
import type { GitStore } from "./git/repositories.ts";
import type { Settings } from "./settings.ts";
import type { Contracts } from "./api/contracts.ts";
import type { Hooks } from "./hooks/send.ts";
import type { ApiFaults } from "./faults.ts";
import type { RateLimiter } from "./api/limits.ts";
import type { Journal } from "./journal.ts";
import type { Manifests } from "./manifests.ts";

/** Everything a request or an act may touch. */
export type World = {
  tables: Tables;
  store: Store;
  git: GitStore;
  contracts: Contracts;
  hooks: Hooks;
  faults: ApiFaults;
  limiter: RateLimiter;
  journal: Journal;
  manifests: Manifests;
  /** Where this GitHub answers, without a slash at the end: `http://127.0.0.1:PORT`. */
  origin: () => string;
  settings: () => Settings;
  setSettings: (settings: Settings) => void;
  /** Secret of this instance: signs download links and token tails. */
  secret: string;
  /** The App made at the first start. */
  appId: number;
  githubRoot: string | null;
};

/** Now, as GitHub writes times: UTC, whole seconds. */
export function now(at: number = Date.now()): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
