import type { Clock } from "../clock.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Role } from "../github/permissions.ts";
import type { Repository } from "../store/rows.ts";
import type { Session } from "../store/sessions.ts";

/** How long an answer of GitHub's is good for looking; for doing something GitHub is asked anew. */
const REMEMBERED_MS = 2 * 60_000;
/** People times repositories; the oldest answers go first. */
const REMEMBERED_MAX = 10_000;

export type AccessDeps = {
  readonly clock: Pick<Clock, "now">;
  readonly role: (
    repository: RepositoryRef,
    actor: { readonly login: string; readonly id: number },
  ) => Promise<Role>;
  readonly where: (repository: Repository) => Promise<RepositoryRef>;
};

export type Access = {
  /** What GitHub lets this person do in the repository, at most two minutes ago. Throws when GitHub cannot be asked. */
  roleIn(session: Session, repository: Repository): Promise<Role>;
  /** What GitHub said before does not count any more: the next look asks anew. */
  forget(session: Session, repository: Repository): void;
};

/**
 * Asks GitHub who may look, and remembers it for minutes, so that a page costs no call a click. What was said in one log-in counts in no other:
 * who logs in anew is asked about anew.
 */
export function createAccess(deps: AccessDeps): Access {
  const known = new Map<string, { readonly role: Promise<Role>; readonly until: number }>();
  const keyOf = (session: Session, repository: Repository) =>
    `${session.userId}:${session.login}:${session.expiresAt}:${repository.id}`;
  return {
    forget: (session, repository) => void known.delete(keyOf(session, repository)),
    async roleIn(session, repository) {
      const key = keyOf(session, repository);
      const now = deps.clock.now();
      const remembered = known.get(key);
      if (remembered !== undefined && remembered.until > now) return remembered.role;
      known.delete(key);
      if (known.size >= REMEMBERED_MAX)
        for (const oldest of known.keys()) {
          known.delete(oldest);
          break;
        }
      const role = deps
        .where(repository)
        .then((ref) => deps.role(ref, { login: session.login, id: session.userId }));
      known.set(key, { role, until: now + REMEMBERED_MS });
      try {
        return await role;
      } catch (thrown) {
        known.delete(key);
        throw thrown;
      }
    },
  };
}
