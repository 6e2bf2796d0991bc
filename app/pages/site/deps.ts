import type { Act, Acted } from "../../commands/act.ts";
import type { Press, Pressed } from "../../commands/press.ts";
import type { Ids } from "../../ids.ts";
import type { Access } from "../../login/access.ts";
import type { LoginDeps } from "../../login/routes.ts";
import type { Log } from "../../log.ts";
import type { SiteRenderer } from "../../render/site.ts";
import type { RunOptions } from "../../store/rows.ts";
import type { Store } from "../../store/store.ts";
import type { LogDeps } from "../log-access.ts";

/** What the pages behind the log-in use, no more. */
export type SiteDeps = Omit<LogDeps, "store"> & {
  readonly store: LogDeps["store"] &
    Pick<Store, "sessions" | "looks" | "answers" | "boxes" | "deliveries" | "events" | "ledger"> & {
      readonly attempts: Pick<Store["attempts"], "get">;
      readonly leases: Pick<Store["leases"], "get" | "live">;
      readonly runs: Pick<Store["runs"], "get" | "position" | "ofPullRequest" | "unfinished">;
    };
  readonly log: Log;
  readonly ids: Pick<Ids, "token">;
  readonly render: SiteRenderer;
  readonly login: LoginDeps;
  readonly access: Access;
  /** Owners this server works for. */
  readonly accounts: readonly string[];
  /** Logins that see everything; acting needs write access all the same. */
  readonly admins: readonly string[];
  readonly publicUrl: string;
  /** GitHub's web base. */
  readonly webUrl: string;
  /** Default options of a run, for what the run's page says of it. */
  readonly defaults: RunOptions;
  /** How long the button keeps a box. */
  readonly keepMs: number;
  /** The very paths of a check's buttons and of a comment's commands. */
  readonly press: (wanted: Omit<Press, "installationId">) => Promise<Pressed>;
  readonly act: (wanted: Omit<Act, "installationId">) => Promise<Acted>;
  /** Sets the intake to work on revived letters. */
  readonly wakeIntake: () => void;
};
