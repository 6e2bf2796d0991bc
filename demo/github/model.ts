/** What the offline GitHub remembers: plain records, one table each, every reference by numeric id. */

export type Level = "read" | "write" | "admin";
export type Permissions = Record<string, Level>;
export type Role = "admin" | "maintain" | "write" | "triage" | "read";
export type Json = Record<string, unknown>;

export type Account = {
  id: number;
  login: string;
  type: "User" | "Organization" | "Bot";
  createdAt: string;
  /** People who decide for an organisation, besides the administrators of its repositories. */
  ownerIds?: number[];
};

export type App = {
  id: number;
  slug: string;
  name: string;
  ownerId: number;
  botId: number;
  clientId: string;
  clientSecret: string;
  webhookUrl: string | null;
  webhookSecret: string;
  permissions: Permissions;
  events: string[];
  privateKeyPem: string;
  publicKeyPem: string;
  createdAt: string;
  /** Where people may be sent back to after logging in through this App; exact, the first is the default. */
  callbackUrls?: string[];
  /** Where people are sent after installing it. */
  setupUrl?: string | null;
  /** Only its owner may install it, unless it is public. */
  isPublic?: boolean;
};

export type Installation = {
  id: number;
  appId: number;
  accountId: number;
  /** null: all repositories of the account. */
  repositoryIds: number[] | null;
  permissions: Permissions;
  events: string[];
  suspendedAt: string | null;
  createdAt: string;
};

export type Token = {
  id: string;
  /** An installation's token, or a person's own (for git pushes and LFS uploads by a user). */
  installationId: number | null;
  userId: number | null;
  permissions: Permissions;
  repositoryIds: number[] | null;
  expiresAt: number;
  /** With `userId`: the App that a person let act for them. Without it the token is the person's own. */
  appId?: number;
};

export type Repository = {
  id: number;
  ownerId: number;
  name: string;
  private: boolean;
  defaultBranch: string;
  description: string | null;
  forkOfId: number | null;
  /** A bare repository served from --github-root: never written. */
  externalDir: string | null;
  /** In the archive it can only be read. */
  archived?: boolean;
  roles: Record<string, Role>;
  nextNumber: number;
  createdAt: string;
  pushedAt: string;
};

export type Team = {
  /** Organisation's id and slug. */
  id: string;
  orgId: number;
  slug: string;
  /** By numeric id of the person; `pending` until they accept the invitation. */
  members: Record<string, "active" | "pending">;
};

export type DiffStat = { commits: number; additions: number; deletions: number; changedFiles: number };

export type Pull = {
  id: number;
  issueId: number;
  repositoryId: number;
  number: number;
  title: string;
  body: string | null;
  authorId: number;
  state: "open" | "closed";
  draft: boolean;
  baseRef: string;
  baseSha: string;
  headRepositoryId: number;
  headRef: string;
  headSha: string;
  /** The test merge; null when base and head conflict. */
  mergeSha: string | null;
  stat: DiffStat;
  createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  mergedAt?: string;
  mergedById?: number;
  marks?: { labels: string[]; isMergeHeld: boolean };
};

export type Comment = {
  id: number;
  repositoryId: number;
  number: number;
  authorId: number;
  appId: number | null;
  body: string;
  edits: number;
  deletedAt: string | null;
  createdAt: string;
  updatedAt: string;
};

export type CommentEdit = { id: number; commentId: number; before: string; after: string; at: string };

export type Reaction = {
  id: number;
  commentId: number;
  userId: number;
  content: string;
  createdAt: string;
  removedAt: string | null;
};

export type CheckSuite = {
  id: number;
  repositoryId: number;
  appId: number;
  headSha: string;
  headBranch: string | null;
  createdAt: string;
  updatedAt: string;
};

export type CheckAction = { label: string; description: string; identifier: string };

export type CheckRun = {
  id: number;
  repositoryId: number;
  suiteId: number;
  appId: number;
  name: string;
  headSha: string;
  externalId: string | null;
  detailsUrl: string | null;
  status: "queued" | "in_progress" | "completed";
  conclusion: string | null;
  startedAt: string | null;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  actions: CheckAction[];
  annotations: number;
  updates: number;
  createdAt: string;
};

export type CheckUpdate = { id: number; checkRunId: number; at: string; request: Json };
export type Annotation = { id: number; checkRunId: number; value: Json };

export type Delivery = {
  id: number;
  guid: string;
  /** The text of the body in the store; a redelivery shares the first one. */
  payloadId: string;
  appId: number;
  event: string;
  action: string | null;
  installationId: number | null;
  repositoryId: number | null;
  url: string;
  redelivery: boolean;
  signature: "good" | "bad" | "missing";
  state: "pending" | "done";
  queuedAt: string;
  deliveredAt: string;
  durationMs: number;
  status: string;
  statusCode: number;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string>;
  responseBody: string;
};
