import type { BoxClass, Provider } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import type { AdmitDeps } from "../forks/admit.ts";
import type { ForkPolicyOf } from "../forks/policy.ts";
import type { Role } from "../github/permissions.ts";
import type { Hydration } from "../hydrate/hydration.ts";
import type { Ids, LeaseId } from "../ids.ts";
import type { ExtendedLease, Extension } from "../leases/extend.ts";
import type { Kept, Keeping } from "../leases/keep.ts";
import type { LeaseEndReason } from "../leases/lease.ts";
import type { WarmedUp, WarmUp } from "../leases/warm-up.ts";
import type { LoadedConfig } from "../repo-config/load.ts";
import type { RepoConfig } from "../repo-config/schema.ts";
import type { CancelRequest, Repository, Run } from "../store/rows.ts";
import type { EndedRun, NewRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import type { AgainDeps } from "./again.ts";
import type { Flag, FlagValue } from "./flags.ts";
import type { PullRequestFacts } from "./pull-request.ts";

/** What a run executes, exactly as it was written. */
export type CommandText = { readonly kind: "line" | "script"; readonly text: string };

/** One `/crabbox VERB …` with its flags read. */
export type Invocation = {
  readonly flags: ReadonlyMap<string, FlagValue>;
  /** Words that are neither the verb nor a flag. */
  readonly words: readonly string[];
  /** Null for a verb that takes none, or when none was given. */
  readonly command: CommandText | null;
};

/** Who acts. */
export type Actor = {
  readonly id: number;
  readonly login: string;
  /** Its own monthly cap; absent for people. */
  readonly capMicroUsd?: number;
  /** As GitHub gave it when the command was read. */
  readonly role?: Role | "bot";
};

/** What a command acts on. */
export type CommandContext = {
  /** Unique for the cause, the same when a delivery comes twice. */
  readonly sourceKey: string;
  readonly source: Run["source"];
  readonly repository: Repository;
  readonly pullRequest: PullRequestFacts;
  /** The tip of the base branch now (law 12). Asked of GitHub at most once a comment. */
  readonly baseTip: () => Promise<string>;
  /** `.github/crabbox.yml` of the default branch now. Asked of GitHub at most once a comment. */
  readonly config: () => Promise<LoadedConfig>;
  /** What it says, for commands that heed it; else as if there were none. */
  readonly file: RepoConfig;
  readonly actor: Actor;
  readonly commentId: number | null;
  /** All commands, for help. */
  readonly commands: readonly Command[];
};

/** `ok` decides between rocket and confused; `body` is the Markdown of the answer, null when the run's own report is enough. */
export type Reply = { readonly ok: boolean; readonly body: string | null };

/** What the server allows; from its settings. */
export type CommandLimits = {
  readonly classes: readonly BoxClass[];
  readonly defaultClass: BoxClass;
  readonly defaultProvider: string;
  readonly timeoutMs: Bound;
  readonly ttlMs: Bound;
  readonly idleMs: Bound;
};
export type Bound = { readonly default: number; readonly max: number };

/** What a command asks of the leases; whose money that is and under which caps follows from the actor. */
export type AskedBy<T> = Omit<T, "member" | "caps"> & { readonly actor: Actor };

/** Everything a command may use; each handler takes the part it needs. */
export type CommandDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly ids: Pick<Ids, "run">;
  readonly limits: CommandLimits;
  readonly store: {
    readonly runs: Pick<Store["runs"], "get" | "ofPullRequest" | "unfinished" | "position">;
    readonly leases: Pick<Store["leases"], "get" | "live" | "bySlug">;
    readonly attempts: Pick<Store["attempts"], "get">;
    readonly approvals: Pick<Store["approvals"], "grant">;
  };
  readonly providers: ReadonlyMap<string, Pick<Provider, "name" | "types" | "price" | "isolation">>;
  /** What is done about code of forks and of Dependabot. */
  readonly forkPolicy: ForkPolicyOf;
  readonly inTeam: AdmitDeps["inTeam"];
  /** These runs were held and are queued now: a worker wakes, their reports follow. Safe to repeat. */
  readonly released: (runs: readonly Run[]) => void;
  /** Stores the run as queued (or held, law 11) and wakes a worker; the same `sourceKey` answers the run made first. */
  readonly enqueue: (run: NewRun, ended?: EndedRun) => Promise<Run>;
  /** The merge of a pull request's head into its base branch's tip, waited for a while. */
  readonly mergeCommit: AgainDeps["mergeCommit"];
  /** The address of a line of the repository's own file at a commit. */
  readonly fileUrl: (repository: Repository, sha: string, line: number) => string;
  /** A broken file: its faults become a check of their own on that commit, behind the caller's back. */
  readonly tellConfig: (repository: Repository, headSha: string, loaded: LoadedConfig) => void;
  /** Asks an unfinished run to end; false when it already came to its outcome. */
  readonly cancelRun: (run: Run, request: Omit<CancelRequest, "at">) => Promise<boolean>;
  /** Ends a lease and its box; false when the provider could not be asked now and the reconciler goes on. */
  readonly release: (id: LeaseId, reason: LeaseEndReason) => Promise<boolean>;
  /** A lease without a run, its box made behind the answer. */
  readonly warmUp: (wanted: AskedBy<WarmUp>) => Promise<WarmedUp>;
  readonly extendLease: (wanted: AskedBy<Extension>) => Promise<ExtendedLease>;
  readonly keepLease: (wanted: AskedBy<Keeping>) => Promise<Kept>;
  /** The set-up steps that the workflow at the base commit names. */
  readonly hydration: Hydration;
};

export type CommandSpec<T> = {
  readonly verb: string;
  /** Without the leading `/crabbox`. */
  readonly usage: string;
  /** One sentence for the list of commands. */
  readonly summary: string;
  /** Further lines for its own help: what to know, an example. */
  readonly details: readonly string[];
  readonly flags: readonly Flag[];
  /** Takes ` -- LINE` or a fenced block. */
  readonly takesCommand: boolean;
  /** Needs the tip of the base branch: it is then fetched beside everything else. */
  readonly needsBase: boolean;
  /** Starts, repeats or prolongs something: `.github/crabbox.yml` has a say in it. */
  readonly heedsFile?: true;
  /**
   * What GitHub must say the actor may do. Reading commands need it too: an answer to every stranger is a lever for spam.
   */
  readonly permission: "write";
  /** Pure. `message` says what is wrong, as Markdown; the usage line is added to it. */
  parse(
    invocation: Invocation,
  ): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };
  /** Safe to repeat with the same context. */
  handle(deps: CommandDeps, context: CommandContext, value: T): Promise<Reply>;
};

/** A row of the table: a spec whose value is known only to itself. */
export type Command = Omit<CommandSpec<never>, "parse" | "handle"> & {
  parse(invocation: Invocation):
    | {
        readonly ok: true;
        readonly value: unknown;
        readonly handle: (deps: CommandDeps, context: CommandContext) => Promise<Reply>;
      }
    | { readonly ok: false; readonly message: string };
};

/** Makes a spec a row of the table. */
export function defineCommand<T>(spec: CommandSpec<T>): Command {
  return {
    ...spec,
    parse(invocation) {
      const parsed = spec.parse(invocation);
      if (!parsed.ok) return parsed;
      const { value } = parsed;
      return { ok: true, value, handle: (deps, context) => spec.handle(deps, context, value) };
    },
  };
}
