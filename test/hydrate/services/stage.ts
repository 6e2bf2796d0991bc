/** Services over a file store in a directory of their own, and a client that speaks to them as the real ones do. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { FileStoreLimits } from "../../../runner-bootstrap/boxd/steps/services/file-store/limits.ts";
import { createFileStore } from "../../../runner-bootstrap/boxd/steps/services/file-store/file-store.ts";
import type { CacheOrigin } from "../../../runner-bootstrap/boxd/steps/services/scopes.ts";
import { cacheScopes } from "../../../runner-bootstrap/boxd/steps/services/scopes.ts";
import type { CacheMode } from "../../../runner-bootstrap/boxd/steps/cache-mode.ts";
import { startServices } from "../../../runner-bootstrap/boxd/steps/services/services.ts";
import type { Store } from "../../../runner-bootstrap/boxd/steps/services/store.ts";
import type { Client } from "./client.ts";
import { createClient } from "./client.ts";

export type Stage = {
  readonly root: string;
  readonly store: Store;
  readonly clock: { ms: number };
  readonly faults: unknown[];
  /** Starts the services of one job. */
  job(
    who?: Partial<CacheOrigin> & {
      readonly run?: string;
      readonly job?: string;
      readonly cacheMode?: CacheMode;
    },
  ): Promise<Client>;
  close(): Promise<void>;
};

/** Its clock stands at the time of the start, unless a test moves it. */
export async function createStage(limits: Partial<FileStoreLimits> = {}): Promise<Stage> {
  const root = await mkdtemp(join(tmpdir(), "crabbox-services-"));
  const clock = { ms: Date.now() };
  const now = (): number => clock.ms;
  const store = await createFileStore({ root, now, limits });
  const faults: unknown[] = [];
  const ends: (() => Promise<void>)[] = [];
  return {
    root,
    store,
    clock,
    faults,
    async job(who = {}) {
      const { run = "1", job = "test", cacheMode, ...origin } = who;
      const main = { repository: "octo/app", ref: "refs/heads/main", defaultRef: "refs/heads/main" };
      const caches = cacheScopes({ ...main, ...origin });
      const repository = origin.repository ?? main.repository;
      const onFault = (error: unknown): void => void faults.push(error);
      const options = { store, repository, run, job, caches, cacheMode, now, onFault };
      const services = await startServices(options);
      ends.push(() => services.close());
      return createClient(services.env);
    },
    async close() {
      for (const end of ends) await end();
      await store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
