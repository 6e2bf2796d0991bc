import { mkdir, open } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import type { Clock } from "../clock.ts";
import { createIds, type Ids } from "../ids.ts";
import type { Log } from "../log.ts";
import { createAccounts } from "./accounts.ts";
import { createAnswers } from "./answers.ts";
import { createApprovals } from "./approvals.ts";
import { createArtifactRows } from "./artifact-rows.ts";
import { createAttempts } from "./attempts.ts";
import { createBoxes } from "./boxes.ts";
import { createCacheEntries } from "./cache-entries.ts";
import { connectReaders, connectWriter } from "./connection.ts";
import type { Db } from "./db.ts";
import { createDeliveries } from "./deliveries.ts";
import { createEvents } from "./events.ts";
import { createLeases } from "./leases.ts";
import { createLedger } from "./ledger.ts";
import { createLogLinks } from "./log-links.ts";
import { createLooks } from "./looks.ts";
import { checkFence, enter, touch } from "./meta.ts";
import { migrate } from "./migrate.ts";
import { createOutsideCalls } from "./outside-calls.ts";
import { createRepositories } from "./repositories.ts";
import { createRuns } from "./runs.ts";
import { createSessions } from "./sessions.ts";
import type { Store } from "./store.ts";
import { toStoreError } from "./store-error.ts";
import { sweep } from "./sweep.ts";
import { createWriteQueue } from "./write-queue.ts";

type OpenOptions = {
  /** The database file; made, with its directory (0700) and itself 0600, when missing. */
  readonly path: string;
  readonly clock: Clock;
  readonly ids?: Pick<Ids, "token">;
  readonly log?: Pick<Log, "error">;
};

/**
 * Opens the store: migrates it, takes the next fence (an earlier holder's writes fail from now on). The caller holds the instance
 * lock. Fails with `store_failed` (what is wrong with the file and what to do) or `disk_full`.
 */
export async function openStore(options: OpenOptions): Promise<Store> {
  const { path, clock } = options;
  const writer = connectWriter(path);
  try {
    await makeFile(path);
    await migrate(writer, path);
    const identity = await enter(writer, options.ids ?? createIds());
    const readers = connectReaders(path);
    const toError = (thrown: unknown) => toStoreError(thrown, path);
    const queue = createWriteQueue({ writer, guard: (trx) => checkFence(trx, identity.fence), toError });
    const db: Db = {
      async read(work) {
        try {
          return await work(readers);
        } catch (thrown) {
          throw toError(thrown);
        }
      },
      write: (work) => queue.write(work),
      statement: (work) => queue.statement(work),
      now: () => clock.now(),
      fence: identity.fence,
      worker: `${hostname()}:${process.pid}`,
    };
    const close = once(async () => {
      await queue.close();
      await Promise.all([readers.destroy(), writer.destroy()]);
    });
    return { ...identity, ...tables(db), healthy: () => healthy(db, options.log), close };
  } catch (thrown) {
    await writer.destroy();
    throw toStoreError(thrown, path);
  }
}

function tables(db: Db): Omit<Store, "owner" | "fence" | "healthy" | "close"> {
  return {
    accounts: createAccounts(db),
    repositories: createRepositories(db),
    deliveries: createDeliveries(db),
    runs: createRuns(db),
    attempts: createAttempts(db),
    leases: createLeases(db),
    boxes: createBoxes(db),
    ledger: createLedger(db),
    events: createEvents(db),
    outside: createOutsideCalls(db),
    answers: createAnswers(db),
    approvals: createApprovals(db),
    logLinks: createLogLinks(db),
    sessions: createSessions(db),
    looks: createLooks(db),
    cacheEntries: createCacheEntries(db),
    artifacts: createArtifactRows(db),
    sweep: (before) => sweep(db, before),
  };
}

/** Made before SQLite would: it gives new files the process's umask, and commands and logs are nobody else's to read. */
async function makeFile(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a", 0o600);
  await file.close();
}

async function healthy(db: Db, log: Pick<Log, "error"> | undefined): Promise<boolean> {
  try {
    await db.read((knex) => knex("meta").first("key"));
    await db.write((trx) => touch(trx, db.now()));
    return true;
  } catch (error) {
    log?.error({ err: error }, "the store is not healthy");
    return false;
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | null = null;
  return () => (done ??= work());
}
