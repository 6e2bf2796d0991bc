import type { Clock } from "../clock.ts";
import { createAppInfo } from "./app-info.ts";
import type { AppInfo } from "./app-info.ts";
import { DEFAULT_TIMES } from "./call.ts";
import type { CallDeps, CallTimes } from "./call.ts";
import { createChanges } from "./changes.ts";
import type { Changes } from "./changes.ts";
import { createCheckButtons, type CheckButtons } from "./check-buttons.ts";
import { createCheckRuns } from "./check-runs.ts";
import type { CheckRuns } from "./check-runs.ts";
import { createComments } from "./comments.ts";
import type { Comments } from "./comments.ts";
import { createContents } from "./contents.ts";
import type { Contents } from "./contents.ts";
import { createHookDeliveries } from "./deliveries.ts";
import type { HookDeliveries } from "./deliveries.ts";
import { createInstallationTokens } from "./installation-tokens.ts";
import { createWire } from "./octokit.ts";
import type { AppCredentials, Log } from "./octokit.ts";
import { createPacer, DEFAULT_PACER } from "./pacer.ts";
import type { PacerSettings } from "./pacer-lane.ts";
import { createPermissions } from "./permissions.ts";
import type { Permissions } from "./permissions.ts";
import { createPulls } from "./pulls.ts";
import type { Pulls } from "./pulls.ts";
import { createReactions } from "./reactions.ts";
import type { Reactions } from "./reactions.ts";
import { createStanding } from "./standing.ts";
import type { Standing } from "./standing.ts";
import { createTeams } from "./teams.ts";
import type { Teams } from "./teams.ts";
import { createTokens, mintInstallationToken } from "./tokens.ts";
import type { Tokens } from "./tokens.ts";

/** GitHub as the App sees it: small typed functions by noun; every call bounded, every write paced. */
export type GitHub = {
  readonly app: AppInfo;
  readonly permissions: Permissions;
  readonly pulls: Pulls;
  readonly changes: Changes;
  readonly teams: Teams;
  readonly comments: Comments;
  readonly reactions: Reactions;
  readonly checkRuns: CheckRuns;
  readonly checkButtons: CheckButtons;
  readonly contents: Contents;
  readonly tokens: Tokens;
  readonly deliveries: HookDeliveries;
  readonly standing: Standing;
  /** Writes that wait for their turn, of all installations. */
  queueDepth(): number;
  /** Waiting writes are rejected with `draining`; what is under way goes on. */
  close(): void;
};

export type GitHubOptions = AppCredentials & {
  readonly clock: Clock;
  readonly log: Log;
  readonly pacer?: Partial<PacerSettings>;
  readonly times?: CallTimes;
  /** Counts for metrics: one per try of a call. */
  readonly onCall?: (seen: {
    readonly what: string;
    readonly outcome: string;
    readonly durationMs: number;
  }) => void;
};

/** Builds the edge; nothing is called before somebody asks. */
export function createGitHub(options: GitHubOptions): GitHub {
  const { clock, log } = options;
  const pacer = createPacer({ clock, log, settings: { ...DEFAULT_PACER, ...options.pacer } });
  const standing = createStanding({ clock, log });
  const installationTokens = createInstallationTokens({
    clock,
    log,
    mint: (installationId) => mintInstallationToken(calls, installationId),
  });
  const calls: CallDeps = {
    wire: createWire(options, log),
    clock,
    log,
    times: options.times ?? DEFAULT_TIMES,
    tokens: installationTokens,
    onTry(seen) {
      options.onCall?.({ what: seen.what, outcome: seen.outcome, durationMs: seen.durationMs });
      log.debug({ ...seen }, "github call");
      standing.seen(seen);
      if (seen.installationId === null) return;
      if (seen.kind === "read") pacer.countRead(seen.installationId);
      if (seen.outcome === "limited") pacer.pause(seen.installationId, seen.waitMs);
    },
  };
  const hub = { appId: options.appId, calls, pacer };
  return {
    app: createAppInfo(hub),
    permissions: createPermissions(hub),
    pulls: createPulls(hub),
    changes: createChanges(hub),
    teams: createTeams(hub),
    comments: createComments(hub),
    reactions: createReactions(hub),
    checkRuns: createCheckRuns(hub),
    checkButtons: createCheckButtons(hub),
    contents: createContents(hub),
    tokens: createTokens(calls),
    deliveries: createHookDeliveries(hub),
    standing,
    queueDepth: () => pacer.depth(),
    close() {
      pacer.close();
      installationTokens.close();
    },
  };
}
