import type { AppRequest } from "../acts/apps.ts";
import type { PullRequest } from "../acts/pulls.ts";
import type { RepositoryRequest } from "../acts/repositories.ts";
import type { FileChange } from "../git/commit.ts";
import type { ApiFault, FaultState, KillAt } from "../faults.ts";
import type { DeliveryFault, DeliveryFaultState } from "../hooks/faults.ts";
import type { RequestEntry, Violation } from "../journal-rows.ts";
import type {
  Account,
  App,
  CheckRun,
  CheckSuite,
  CheckUpdate,
  Comment,
  CommentEdit,
  Delivery,
  Installation,
  Json,
  Pull,
  Reaction,
  Repository,
  Role,
  Team,
} from "../model.ts";
import type { Settings, SettingsChange } from "../settings.ts";

/** `OWNER/NAME`. */
export type RepoName = string;
export type PullRef = { repo: RepoName; number: number };

export type CommentView = Comment & { author: string; repo: RepoName };
export type CheckRunView = CheckRun & { repo: RepoName };
export type ReactionView = Reaction & { user: string };
export type DeliveryStats = {
  total: number;
  open: number;
  byStatusCode: Record<string, number>;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
};
export type CustomDelivery = {
  event: string;
  /** JSON to send, or `body` for exact bytes as text. */
  payload?: Json;
  body?: string;
  guid?: string;
  signature?: Delivery["signature"];
  headers?: Record<string, string>;
};

/** Every call of the control API: what goes in, what comes back. */
export type ControlApi = {
  info: (input: Empty) => {
    appId: number;
    appSlug: string;
    webhookSecret: string;
    privateKeyPem: string;
    clientId: string;
    clientSecret: string;
  };
  updateApp: (
    input: Partial<
      Pick<App, "webhookUrl" | "webhookSecret" | "permissions" | "events" | "callbackUrls" | "setupUrl">
    >,
  ) => App;
  createApp: (input: AppRequest) => App;

  /** `owners`: people who decide for an organisation. */
  createAccount: (input: { login: string; type?: Account["type"]; owners?: string[] }) => Account;
  createUserToken: (input: { login: string }) => { token: string };
  install: (input: {
    owner: string;
    repos?: RepoName[];
    appId?: number;
    permissions?: App["permissions"];
  }) => Installation;
  suspendInstallation: (input: { installationId: number; suspended: boolean }) => Installation;
  removeInstallation: (input: { installationId: number }) => Empty;
  listInstallations: (input: Empty) => Installation[];
  /** A person approves at `url` (the authorize page with its query); answers where their browser goes. */
  approveLogin: (input: { url: string; login: string }) => { location: string };
  /** A person takes an App's leave to act for them back. */
  revokeLogin: (input: { login: string; appId?: number }) => Empty;
  /** Ends people's tokens for Apps at once; their refresh tokens go on. */
  expireUserTokens: (input: { login?: string }) => { expired: number };
  /** Ends tokens at once (all, or one installation's); answers how many. */
  expireTokens: (input: { installationId?: number }) => { expired: number };

  createRepository: (input: RepositoryRequest) => Repository;
  forkRepository: (input: { repo: RepoName; owner: string }) => Repository;
  setRole: (input: { repo: RepoName; login: string; role: Role | null }) => Repository;
  setPrivate: (input: { repo: RepoName; private: boolean }) => Repository;
  branchSha: (input: { repo: RepoName; branch: string }) => { sha: string | null };
  /** A real commit on a branch. `parent`: where a new or rewritten branch stands (branch or SHA). */
  pushCommit: (input: PushCommit) => { sha: string; before: string | null };
  /** Points a branch at any commit, as a forced push does. */
  forcePush: (input: { repo: RepoName; branch: string; sha: string; login: string }) => {
    before: string | null;
  };
  deleteBranch: (input: { repo: RepoName; branch: string; login: string }) => Empty;
  /** Pull requests from it stay open, with a head that nobody knows. */
  deleteRepository: (input: { repo: RepoName }) => Empty;
  transferRepository: (input: { repo: RepoName; owner: string; type?: Account["type"] }) => Repository;
  setArchived: (input: { repo: RepoName; archived: boolean }) => Repository;
  /** `state` null takes the person out of the team. */
  setTeamMember: (input: {
    org: string;
    team: string;
    login: string;
    state: "active" | "pending" | null;
  }) => Team;
  putLfsObject: (input: { repo: RepoName; base64: string }) => { oid: string; size: number };

  openPull: (input: PullRequest & { repo: RepoName; login: string; headRepo?: RepoName }) => Pull;
  closePull: (input: PullRef & { login: string }) => Pull;
  reopenPull: (input: PullRef & { login: string }) => Pull;
  editPull: (input: PullRef & { login: string; title?: string; body?: string }) => Pull;
  retargetPull: (input: PullRef & { login: string; base: string }) => Pull;
  addLabel: (input: PullRef & { login: string; label: string }) => Pull;
  removeLabel: (input: PullRef & { login: string; label: string }) => Pull;
  setDraft: (input: PullRef & { login: string; draft: boolean }) => Pull;
  /** Until it is taken back, nobody knows yet whether the pull request can be merged. */
  holdMerge: (input: PullRef & { held: boolean }) => Pull;
  getPull: (input: PullRef) => Pull;

  comment: (input: PullRef & { login: string; body: string }) => Comment;
  /** Many comments, one after the other, without waiting for their deliveries. */
  commentMany: (input: { comments: (PullRef & { login: string; body: string })[] }) => { ids: number[] };
  editComment: (input: { commentId: number; login: string; body: string }) => Comment;
  deleteComment: (input: { commentId: number; login: string }) => Empty;
  rerequestCheckRun: (input: { checkRunId: number; login: string }) => Empty;
  rerequestCheckSuite: (input: { checkSuiteId: number; login: string }) => Empty;
  /** A press on a check run's own button (`actions` of `listCheckRuns`), as GitHub tells the App that made the run. */
  pressButton: (input: { checkRunId: number; login: string; identifier: string }) => Empty;

  sendDeliveries: (input: { deliveries: CustomDelivery[]; appId?: number }) => { guids: string[] };
  redeliver: (input: { guid: string }) => { id: number };
  setDeliveryFaults: (input: { faults: DeliveryFault[] }) => Empty;
  /** Waits until nothing is queued, held or on its way; `idle` false when the time was up first. */
  waitIdle: (input: { timeoutMs?: number }) => { idle: boolean; open: number };

  setFaults: (input: { faults: ApiFault[] }) => Empty;
  setKill: (input: { kill: KillAt | null }) => Empty;
  resetCounts: (input: Empty) => Empty;
  faultState: (input: Empty) => FaultState & { deliveries: DeliveryFaultState[] };
  settings: (input: SettingsChange) => Settings;
  resetLimits: (input: Empty) => Empty;
  limitPeaks: (
    input: Empty,
  ) => Record<string, { points: number; contentMinute: number; contentHour: number }>;

  listComments: (input: {
    repo?: RepoName;
    number?: number;
    deleted?: boolean;
    login?: string;
  }) => CommentView[];
  listCommentEdits: (input: { commentId: number }) => CommentEdit[];
  listReactions: (input: { commentId?: number; removed?: boolean }) => ReactionView[];
  listCheckRuns: (input: { repo?: RepoName; sha?: string; name?: string }) => CheckRunView[];
  listCheckSuites: (input: { repo: RepoName; sha?: string }) => CheckSuite[];
  listCheckUpdates: (input: { checkRunId: number }) => CheckUpdate[];
  /** A check run exactly as GET /repos/{owner}/{repo}/check-runs/{id} gives it. */
  checkRunAsApi: (input: { checkRunId: number }) => Json;
  listDeliveries: (input: { event?: string; action?: string; limit?: number }) => Delivery[];
  deliveryPayload: (input: { deliveryId: number }) => Json;
  deliveryStats: (input: { event?: string }) => DeliveryStats;
  listRequests: (input: { kind?: RequestEntry["kind"]; since?: number; limit?: number }) => RequestEntry[];
  clearRequests: (input: Empty) => Empty;
  listAnnotations: (input: { checkRunId: number }) => Json[];
  listViolations: (input: { kind?: Violation["kind"] }) => Violation[];
  clearViolations: (input: Empty) => Empty;
};

export type Empty = Record<string, never>;

export type PushCommit = {
  repo: RepoName;
  branch: string;
  login: string;
  files: Record<string, FileChange>;
  message?: string;
  parent?: string;
};

export type ControlName = keyof ControlApi;
export type ControlInput<K extends ControlName> = Parameters<ControlApi[K]>[0];
export type ControlOutput<K extends ControlName> = ReturnType<ControlApi[K]>;

/** How the server implements the contract. */
export type ControlHandlers<K extends ControlName = ControlName> = {
  [Name in K]: (input: ControlInput<Name>) => ControlOutput<Name> | Promise<ControlOutput<Name>>;
};
