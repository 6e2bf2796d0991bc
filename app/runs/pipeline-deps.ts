import type { Provider } from "../../providers/provider.ts";
import type { OfferedCaches } from "../../runner-bootstrap/boxd/cache-wire.ts";
import type { ArtifactLimits } from "../artifacts/artifacts.ts";
import type { Clock } from "../clock.ts";
import type { Admission } from "../forks/admit.ts";
import type { Hydration } from "../hydrate/hydration.ts";
import type { StepSecrets } from "../hydrate/secrets.ts";
import type { Ids } from "../ids.ts";
import type { Acquired } from "../leases/acquire.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { Log } from "../log.ts";
import type { Attempt, Lease, Repository, Run, RunDetail } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import type { Execution, ExecuteInput } from "./execute.ts";
import type { Outcome } from "./outcome.ts";

/** What the steps of a run use. */
export type PipelineDeps = {
  readonly store: Pick<Store, "runs" | "attempts" | "leases" | "boxes" | "repositories">;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clock: Clock;
  readonly ids: Pick<Ids, "attempt">;
  readonly log: Log;
  readonly acquire: (run: Run, repository: Repository, signal: AbortSignal) => Promise<Acquired>;
  /** Whether a run of untrusted code may start now (law 11). */
  readonly admitUntrusted: (run: Run, repository: Repository) => Promise<Admission>;
  readonly release: (leaseId: Lease["id"], reason: LeaseEndReason) => Promise<unknown>;
  readonly hydration: Hydration;
  /** The caches that a set-up's steps may restore. */
  readonly offerCaches: (run: Run, repository: Repository) => Promise<OfferedCaches>;
  readonly syncToken: (repository: Repository) => Promise<string>;
  /** Mints `github.token` for one set-up, to read these parts of the repository. */
  readonly stepToken: (repository: Repository, parts: readonly string[]) => Promise<string>;
  readonly stepSecrets: Pick<StepSecrets, "values" | "masks">;
  /** The attempt with all that the App's own copy of its journal tells. */
  readonly catchUp: (attempt: Attempt) => Promise<Attempt>;
  readonly execute: (input: ExecuteInput, signals: Signals) => Promise<Execution>;
  readonly sweep: (attempt: Attempt) => void;
  readonly report: {
    touch(runId: Run["id"]): void;
    final(runId: Run["id"], signal: AbortSignal): Promise<void>;
  };
  readonly settings: {
    /** Logins of the accounts this server works for. */
    readonly accounts: readonly string[];
    readonly webUrl: string;
    readonly env: Readonly<Record<string, string>>;
    readonly logCapBytes: number;
    readonly queueWaitMs: number;
    /** What is kept of the files that commands and steps leave. */
    readonly artifacts: ArtifactLimits;
  };
};

/** `drain`: let go and leave everything as it is. `cancelled`: somebody asked this run to end. */
export type Signals = { readonly drain: AbortSignal; readonly cancelled: AbortSignal };

/** Gives a run its outcome; what is left is the report. Null when somebody else moved it meanwhile. */
export function finish(
  deps: Pick<PipelineDeps, "store">,
  run: Run,
  outcome: Outcome,
  detail: RunDetail,
): Promise<Run | null> {
  return deps.store.runs.change(run.id, run.state, "reporting", { outcome, detail });
}
