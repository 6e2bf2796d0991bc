import type { OAuthCode, RefreshToken, UserGrant } from "../oauth/rows.ts";
import type { Store } from "./store.ts";
import type { Violation } from "../journal-rows.ts";
import type {
  Account,
  Annotation,
  App,
  CheckRun,
  CheckSuite,
  CheckUpdate,
  Comment,
  CommentEdit,
  Delivery,
  Installation,
  Pull,
  Reaction,
  Repository,
  Team,
  Token,
} from "../model.ts";

/** All tables with the lookups that requests need; owner, repository and login names are case-insensitive. */
export type Tables = ReturnType<typeof openTables>;

/** First id of each series, in the ranges that github.com uses, so that nothing assumes small numbers. */
const FIRST_ID = {
  account: 40_000_001,
  app: 1_200_001,
  installation: 70_000_001,
  repository: 800_000_001,
  issue: 3_200_000_001,
  pull: 2_100_000_001,
  comment: 3_400_000_001,
  edit: 1,
  reaction: 250_000_001,
  checkSuite: 45_000_000_001,
  checkRun: 50_000_000_001,
  checkUpdate: 1,
  annotation: 1,
  delivery: 190_000_000_001,
  violation: 1,
} as const;

/** Opens every table of the store. */
export function openTables(store: Store) {
  const accounts = store.table<Account>("account");
  const repositories = store.table<Repository>("repository");
  const pulls = store.table<Pull>("pull");
  const comments = store.table<Comment>("comment");
  const reactions = store.table<Reaction>("reaction");
  const edits = store.table<CommentEdit>("edit");
  const suites = store.table<CheckSuite>("suite");
  const runs = store.table<CheckRun>("run");
  const updates = store.table<CheckUpdate>("update");
  const annotations = store.table<Annotation>("annotation");
  const installations = store.table<Installation>("installation");
  return {
    apps: store.table<App>("app"),
    accounts,
    repositories,
    pulls,
    comments,
    reactions,
    edits,
    suites,
    runs,
    updates,
    annotations,
    installations,
    teams: store.table<Team>("team"),
    tokens: store.table<Token>("token"),
    grants: store.table<UserGrant>("grant"),
    oauthCodes: store.table<OAuthCode>("oauth-code"),
    refreshTokens: store.table<RefreshToken>("refresh-token"),
    deliveries: store.table<Delivery>("delivery"),
    violations: store.table<Violation>("violation"),
    nextId: (series: keyof typeof FIRST_ID) => store.nextId(series, FIRST_ID[series]),
    accountsByLogin: accounts.index((row) => row.login.toLowerCase()),
    repositoriesByName: repositories.index((row) => `${row.ownerId}/${row.name.toLowerCase()}`),
    repositoriesByOwner: repositories.index((row) => row.ownerId),
    pullsByNumber: pulls.index((row) => `${row.repositoryId}/${row.number}`),
    pullsByRepository: pulls.index((row) => row.repositoryId),
    pullsByHead: pulls.index((row) => `${row.headRepositoryId}/${row.headRef}`),
    commentsByPull: comments.index((row) => `${row.repositoryId}/${row.number}`),
    reactionsByComment: reactions.index((row) => row.commentId),
    editsByComment: edits.index((row) => row.commentId),
    suitesBySha: suites.index((row) => `${row.repositoryId}/${row.headSha}`),
    runsBySha: runs.index((row) => `${row.repositoryId}/${row.headSha}`),
    runsBySuite: runs.index((row) => row.suiteId),
    updatesByRun: updates.index((row) => row.checkRunId),
    annotationsByRun: annotations.index((row) => row.checkRunId),
    installationsByAccount: installations.index((row) => row.accountId),
  };
}
