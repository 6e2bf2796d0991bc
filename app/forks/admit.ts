import { AppError } from "../errors.ts";
import { mayWrite, type Role } from "../github/permissions.ts";
import type { Approval } from "../store/approvals-row.ts";
import type { Repository, Run, RunDetail } from "../store/rows.ts";
import type { Store } from "../store/store.ts";
import { whyNotAllowed, type ForkPolicy, type ForkPolicyOf, type Obstacle, type Team } from "./policy.ts";
import { domainOf, type PullSource } from "./source.ts";

/** A pull request as GitHub says it is now. */
export type PullNow = PullSource & {
  readonly state: "open" | "closed";
  readonly headSha: string;
  /** Null when the head repository was deleted. */
  readonly headRepositoryId: number | null;
  readonly baseRef: string;
  readonly repository: {
    readonly id: number;
    readonly ownerId: number;
    readonly private: boolean;
    readonly archived: boolean;
  };
};

export type AdmitDeps = {
  readonly store: { readonly approvals: Pick<Store["approvals"], "covering"> } & Pick<Store, "accounts">;
  readonly pullRequest: (repository: Repository, number: number) => Promise<PullNow>;
  readonly role: (
    repository: Repository,
    actor: { readonly login: string; readonly id: number },
  ) => Promise<Role>;
  readonly inTeam: (repository: Repository, team: Team, login: string) => Promise<boolean>;
  readonly forkPolicy: ForkPolicyOf;
};

export type Admission =
  | { readonly kind: "admitted"; readonly by: string }
  | { readonly kind: "refused"; readonly outcome: "superseded" | "refused"; readonly detail: RunDetail };

/** Approvals of one commit that are asked about, newest first; more writers than this seldom approve the same. */
const MAX_APPROVALS = 5;

/**
 * May this run of untrusted code start now (law 11)? All that its approval is bound to is asked of GitHub at this moment, whoever asked
 * for the run. Safe to repeat. Throws when GitHub cannot be asked; never guesses.
 */
export async function admitUntrusted(deps: AdmitDeps, run: Run, repository: Repository): Promise<Admission> {
  try {
    return await judge(deps, run, repository);
  } catch (thrown) {
    if (!(thrown instanceof AppError) || (thrown.code !== "github_gone" && thrown.code !== "not_allowed"))
      throw thrown;
    return refused(
      "GitHub does not show this pull request to the App any more.",
      "See that the App is installed on this repository and not suspended, then comment the command again.",
    );
  }
}

async function judge(deps: AdmitDeps, run: Run, repository: Repository): Promise<Admission> {
  if (run.pullRequest === null) return refused("Untrusted code runs for a pull request only.", AGAIN);
  const account = await deps.store.accounts.get(run.accountId);
  if (account === null || account.suspendedAt !== null || account.removedAt !== null)
    return refused("The App's installation is suspended or gone.", "Resume it, then comment again.");
  const [pull, policy, approvals] = await Promise.all([
    deps.pullRequest(repository, run.pullRequest),
    deps.forkPolicy(repository),
    deps.store.approvals.covering(run, MAX_APPROVALS),
  ]);
  const moved = whyMoved(run, pull) ?? obstacleOf(whyNotAllowed(policy, pull.baseRef));
  if (moved !== null) return moved;
  let first: Admission | null = null;
  for (const approval of approvals) {
    const obstacle = await whyVoid(deps, repository, policy, pull, approval);
    if (obstacle === null) return { kind: "admitted", by: approval.actor };
    first ??= refused(obstacle.message, obstacle.hint);
  }
  return first ?? refused("Nobody has approved this commit for this pull request as it is now.", AGAIN);
}

/** What changed since the command was accepted, so that it would not run what was asked for. */
function whyMoved(run: Run, pull: PullNow): Admission | null {
  const { repository } = pull;
  if (repository.id !== run.repositoryId || repository.ownerId !== run.accountId)
    return refused("The repository was transferred or replaced.", "Comment again where it is now.");
  if (repository.archived) return refused("The repository is archived.", "Take it out of the archive first.");
  if (pull.state === "closed")
    return refused("The pull request was closed.", "Reopen it, then comment again.");
  if (pull.headRepositoryId === null)
    return refused("The fork this pull request comes from was deleted.", "Ask its author for a new one.");
  if (pull.headRepositoryId !== run.headRepositoryId)
    return refused("The commit comes from another repository than when it was asked for.", AGAIN);
  if (domainOf(repository.id, pull) !== run.trustDomain)
    return refused("The pull request's code comes from elsewhere than when it was asked for.", AGAIN);
  if (pull.headSha !== run.headSha) {
    return {
      kind: "refused",
      outcome: "superseded",
      detail: {
        message: `The pull request's head is now ${pull.headSha}: it was pushed to after ${run.headSha} was asked for.`,
        hint: "Read the new commit, comment the command again, and approve what it then prints.",
      },
    };
  }
  if (pull.baseRef === run.baseRef) return null;
  return refused(`The pull request now goes to "${pull.baseRef}", it went to "${run.baseRef}".`, AGAIN);
}

/** Why this approval does not count any more; null when it does. */
async function whyVoid(
  deps: AdmitDeps,
  repository: Repository,
  policy: ForkPolicy,
  pull: PullNow,
  approval: Approval,
): Promise<Obstacle | null> {
  if (approval.private !== pull.repository.private) {
    const now = pull.repository.private ? "private" : "public";
    return { message: `The repository was made ${now} after ${approval.actor} approved.`, hint: AGAIN };
  }
  const approver = { login: approval.actor, id: approval.actorId };
  if (!mayWrite(await deps.role(repository, approver)))
    return { message: `${approval.actor}, who approved, has no write access any more.`, hint: BY_ANOTHER };
  if (policy.kind === "approve" && policy.team !== null)
    return whyNotInTeam(deps, repository, policy.team, approval.actor);
  return null;
}

/** Why this person's approval does not count where only a team's does; null when it does. */
export async function whyNotInTeam(
  deps: Pick<AdmitDeps, "inTeam">,
  repository: Repository,
  team: Team,
  login: string,
): Promise<Obstacle | null> {
  const name = `${team.org}/${team.slug}`;
  try {
    if (await deps.inTeam(repository, team, login)) return null;
    return {
      message: `Only members of the team ${name} approve here, and GitHub does not list ${login} as one.`,
      hint: `Ask somebody of ${name}.`,
    };
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "not_allowed") throw thrown;
    return {
      message: `Only members of the team ${name} approve here, and GitHub does not let the App see who is one.`,
      hint: `An owner of ${team.org} accepts the App's permission "Members: read" in its installation's settings.`,
    };
  }
}

const AGAIN = "Comment the command again, and approve the commit that it then prints.";
const BY_ANOTHER = "Another writer approves it with the same command.";

function obstacleOf(obstacle: Obstacle | null): Admission | null {
  return obstacle === null ? null : refused(obstacle.message, obstacle.hint);
}

function refused(message: string, hint: string): Admission {
  return { kind: "refused", outcome: "refused", detail: { message, hint } };
}
