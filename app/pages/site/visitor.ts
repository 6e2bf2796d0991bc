import type { FastifyRequest } from "fastify";
import { AppError } from "../../errors.ts";
import { mayWrite, type Role } from "../../github/permissions.ts";
import { isListed } from "../../listed.ts";
import { csrfToken } from "../../login/csrf.ts";
import { sessionOf } from "../../login/routes.ts";
import type { Repository } from "../../store/rows.ts";
import type { Session } from "../../store/sessions.ts";
import type { SiteDeps } from "./deps.ts";

/** Who looks. */
export type Visitor = {
  /** The cookie's own value; never shown. */
  readonly token: string;
  readonly session: Session;
  readonly isAdmin: boolean;
  /** What every form of theirs carries. */
  readonly csrf: string;
};

/** Who is logged in in this browser; null when nobody is. */
export async function visitorOf(deps: SiteDeps, request: FastifyRequest): Promise<Visitor | null> {
  const found = await sessionOf(deps.login, request);
  if (found === null) return null;
  const isAdmin = isListed(deps.admins, found.session.login);
  return { ...found, isAdmin, csrf: csrfToken(found.token) };
}

/**
 * What the visitor may do in a repository, as GitHub said at most two minutes ago; `none` where the App is not installed any more. Throws when
 * GitHub cannot be asked.
 */
export async function roleIn(deps: SiteDeps, visitor: Visitor, repository: Repository): Promise<Role> {
  try {
    return await deps.access.roleIn(visitor.session, repository);
  } catch (thrown) {
    if (thrown instanceof AppError && thrown.code === "github_gone") return "none";
    throw thrown;
  }
}

/** Whether they may look, and whether buttons are worth showing: what is pressed is asked of GitHub anew. */
export async function sightOf(
  deps: SiteDeps,
  visitor: Visitor,
  repository: Repository,
): Promise<{ readonly maySee: boolean; readonly mayAct: boolean }> {
  const role = isListed(deps.accounts, repository.owner) ? await roleIn(deps, visitor, repository) : "none";
  return { maySee: visitor.isAdmin || role !== "none", mayAct: mayWrite(role) };
}

/** The same answer for what is not there and for what is not theirs to see. */
export function nothingHere(): AppError {
  return new AppError(
    "not_found",
    "There is nothing here, or you may not see it.",
    "Check the address, and on GitHub whether you have access to the repository.",
  );
}
