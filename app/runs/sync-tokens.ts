import type { Log } from "../log.ts";
import type { Repository } from "../store/rows.ts";

/** A token fetched ahead for a command that then was not run is made worthless after this. */
const UNUSED_MS = 60_000;
/** Ahead of one repository; more commands at once mint when they need one. */
const MAX_AHEAD = 4;

export type SyncTokensDeps = {
  readonly mint: (repository: Pick<Repository, "id" | "accountId">) => Promise<string>;
  readonly revoke: (token: string) => Promise<void>;
  readonly log: Log;
};

/** One-use tokens that read one repository's contents (law 15), minted beside the other calls a command needs. */
export type SyncTokens = {
  /** Begins minting; errors are left to `take`. */
  ahead(repository: Pick<Repository, "id" | "accountId">): void;
  take(repository: Pick<Repository, "id" | "accountId">): Promise<string>;
  /** The sync is over: the token is worth nothing from now on. Best effort, because it also expires by itself. */
  used(token: string): void;
  /** Revokes what was minted ahead. */
  close(): Promise<void>;
};

type Ahead = { readonly token: Promise<string | null>; readonly timer: NodeJS.Timeout };

/** Tokens for sync, made ahead where that saves a wait and revoked once used. */
export function createSyncTokens(deps: SyncTokensDeps): SyncTokens {
  const waiting = new Map<number, Ahead[]>();

  async function revoke(token: string): Promise<void> {
    await deps
      .revoke(token)
      .catch((error: unknown) => deps.log.info({ err: error }, "a sync token was not revoked"));
  }

  function drop(repositoryId: number, entry: Ahead): void {
    const list = waiting.get(repositoryId)?.filter((other) => other !== entry) ?? [];
    if (list.length === 0) waiting.delete(repositoryId);
    else waiting.set(repositoryId, list);
    clearTimeout(entry.timer);
  }

  return {
    ahead(repository) {
      const list = waiting.get(repository.id) ?? [];
      if (list.length >= MAX_AHEAD) return;
      const token = deps.mint(repository).catch((error: unknown) => {
        deps.log.info({ err: error, repository: repository.id }, "a sync token could not be minted ahead");
        return null;
      });
      const timer = setTimeout(() => {
        drop(repository.id, entry);
        void token.then((value) => (value === null ? undefined : revoke(value)));
      }, UNUSED_MS);
      timer.unref();
      const entry: Ahead = { token, timer };
      waiting.set(repository.id, [...list, entry]);
    },
    async take(repository) {
      const [first] = waiting.get(repository.id) ?? [];
      if (first === undefined) return deps.mint(repository);
      drop(repository.id, first);
      return (await first.token) ?? deps.mint(repository);
    },
    used: (token) => void revoke(token),
    async close() {
      const all = [...waiting.entries()].flatMap(([id, list]) => list.map((entry) => ({ id, entry })));
      await Promise.all(
        all.map(async ({ id, entry }) => {
          drop(id, entry);
          const token = await entry.token;
          if (token !== null) await revoke(token);
        }),
      );
    },
  };
}
