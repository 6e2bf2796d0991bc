import { findRepository, flagsOf, roleOf } from "../api/access.ts";
import type { Account, CheckRun, Pull, Repository } from "../model.ts";
import { latestByName } from "../shapes/check.ts";
import { fullName } from "../shapes/repository.ts";
import type { World } from "../world.ts";
import { notice } from "./layout.ts";
import { page } from "./route.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { signInPage } from "./sign-in.ts";

type OnRepository = (call: PageCall, repository: Repository) => PageReply | Promise<PageReply>;
type OnPull = (call: PageCall, repository: Repository, pull: Pull) => PageReply | Promise<PageReply>;

/** A page below /{owner}/{repo}, for those who may see the repository; others are asked to sign in, or find nothing. */
export function repositoryRoute(method: PageRoute["method"], path: string, handle: OnRepository): PageRoute {
  return page(method, `/{owner}/{repo}${path}`, (call) => {
    const repository = findRepository(call.world, call.params["owner"] ?? "", call.params["repo"] ?? "");
    if (repository === undefined) return null;
    if (mayRead(repository, call.viewer)) return handle(call, repository);
    if (call.viewer !== null || method !== "GET") return gone();
    const here = call.url.pathname + call.url.search;
    return signInPage(call, here, `to see ${fullName(call.world, repository)}, which is private.`);
  });
}

/** A page below /{owner}/{repo}/pull/{number}. */
export function pullRoute(method: PageRoute["method"], path: string, handle: OnPull): PageRoute {
  return repositoryRoute(method, `/pull/{number}${path}`, (call, repository) => {
    const key = `${repository.id}/${Number(call.params["number"])}`;
    const pull = call.world.tables.pullsByNumber(key)[0];
    return pull === undefined ? gone() : handle(call, repository, pull);
  });
}

/** Whether somebody may see a repository. */
export function mayRead(repository: Repository, viewer: Account | null): boolean {
  return viewer === null ? !repository.private : roleOf(repository, viewer.id) !== null;
}

/** Whether somebody may push, merge and press buttons. */
export function mayWrite(repository: Repository, viewer: Account | null): boolean {
  if (viewer === null || repository.archived === true || repository.externalDir !== null) return false;
  return flagsOf(roleOf(repository, viewer.id))["push"] === true;
}

/** The newest check run of each name on the pull request's head, newest first. */
export function checksOf(world: World, repository: Repository, pull: Pull): CheckRun[] {
  const runs = latestByName(world.tables.runsBySha(`${repository.id}/${pull.headSha}`));
  return runs.sort((a, b) => b.id - a.id);
}

/** What is not there, or not for this person: the same page for both. */
export function gone(): NonNullable<PageReply> {
  const title = "There is nothing here.";
  return { kind: "page", title, body: notice(title, "It may be gone, or not yours to see."), status: 404 };
}

/** Said to somebody who may look and not touch. */
export function forbidden(hint: string): NonNullable<PageReply> {
  const title = "You may not do this.";
  return { kind: "page", title, body: notice(title, hint), status: 403 };
}
