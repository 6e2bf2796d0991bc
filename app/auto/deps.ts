import type { AuthorizeDeps } from "../commands/authorize.ts";
import type { CommandDeps } from "../commands/command.ts";
import type { BaseDeps } from "../commands/context.ts";
import type { Clock } from "../clock.ts";
import type { Changes } from "../github/changes.ts";
import type { Log } from "../log.ts";
import type { RepoConfigs } from "../repo-config/load.ts";
import type { ConfigCheck } from "../repo-config/post-check.ts";
import type { Store } from "../store/store.ts";

/** What automatic runs use. */
export type AutoDeps = Pick<
  CommandDeps,
  | "ids"
  | "limits"
  | "providers"
  | "enqueue"
  | "cancelRun"
  | "forkPolicy"
  | "inTeam"
  | "mergeCommit"
  | "fileUrl"
  | "tellConfig"
> &
  AuthorizeDeps &
  BaseDeps & {
    readonly store: { readonly runs: Pick<Store["runs"], "unfinished" | "ofHead"> };
    readonly clock: Clock;
    readonly log: Log;
    /** False: the server's settings let nothing start by itself. */
    readonly autoRuns: boolean;
    readonly changes: Changes;
    /** The file as any commit has it. */
    readonly configAt: RepoConfigs["readAt"];
    /** Posts the check `crabbox.yml`; resolves when GitHub has it. */
    readonly postConfigCheck: (check: ConfigCheck) => Promise<void>;
  };
