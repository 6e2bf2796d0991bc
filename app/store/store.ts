import type { Accounts } from "./accounts.ts";
import type { Answers } from "./answers.ts";
import type { Approvals } from "./approvals.ts";
import type { ArtifactRows } from "./artifact-rows.ts";
import type { Attempts } from "./attempts.ts";
import type { Boxes } from "./boxes.ts";
import type { CacheEntries } from "./cache-entries.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Events } from "./events.ts";
import type { Leases } from "./leases.ts";
import type { Ledger } from "./ledger.ts";
import type { LogLinks } from "./log-links.ts";
import type { Looks } from "./looks.ts";
import type { OutsideCalls } from "./outside-calls.ts";
import type { Repositories } from "./repositories.ts";
import type { Runs } from "./runs.ts";
import type { Sessions } from "./sessions.ts";
import type { SweepBefore } from "./sweep.ts";

/**
 * The store's contract. Every change is one transaction with its event; a change of state is compare-and-set and answers null
 * when the row was no longer in a state from which it is legal. Everything here is safe to repeat with the same keys. What is
 * answered is committed and on disk.
 */
export type Store = {
  readonly accounts: Accounts;
  readonly repositories: Repositories;
  readonly deliveries: Deliveries;
  readonly runs: Runs;
  readonly attempts: Attempts;
  readonly leases: Leases;
  readonly boxes: Boxes;
  readonly ledger: Ledger;
  readonly events: Events;
  readonly outside: OutsideCalls;
  readonly answers: Answers;
  readonly approvals: Approvals;
  readonly logLinks: LogLinks;
  readonly sessions: Sessions;
  readonly looks: Looks;
  readonly cacheEntries: CacheEntries;
  readonly artifacts: ArtifactRows;
  /** Random id of this store, made once: the `owner` label of our boxes. 16 hex digits. */
  readonly owner: string;
  /** This process's fence: greater than any earlier process's. Every write checks that it still is the newest. */
  readonly fence: number;
  /** Deletes what retention allows (epoch ms); answers how many rows of each table went. */
  sweep(before: SweepBefore): Promise<Readonly<Record<string, number>>>;
  /** True when a trivial read and a trivial write work now. */
  healthy(): Promise<boolean>;
  /** Waits for the writes under way, then closes; later calls fail. Safe to repeat. */
  close(): Promise<void>;
};
