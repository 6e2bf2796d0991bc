import { diffFiles } from "../../git/diff.ts";
import { Failure, notFound } from "../../http/failure.ts";
import type { TreeEntry } from "../../git/objects.ts";
import type { Json, Repository, Role } from "../../model.ts";
import { accountShape } from "../../shapes/account.ts";
import { commitShape } from "../../shapes/commit.ts";
import { fullRepositoryShape, repositoryUrl } from "../../shapes/repository.ts";
import type { World } from "../../world.ts";
import { demand, flagsOf, roleOf } from "../access.ts";
import { onRepository } from "../router.ts";
import type { Route } from "../router.ts";

/** The legacy `permission` of a role: maintain reads as write, triage as read. */
const LEGACY: Record<Role, string> = {
  admin: "admin",
  maintain: "write",
  write: "write",
  triage: "read",
  read: "read",
};

/** Repositories, their commits, trees and people. */
export const repositoryRoutes: readonly Route[] = [
  onRepository("GET", "", [["metadata", "read"]], ({ world, caller }, repository) => {
    const shape = fullRepositoryShape(world, repository);
    const own = caller.kind === "user" ? { permissions: flagsOf(roleOf(repository, caller.userId)) } : {};
    return { status: 200, json: { ...shape, ...own } };
  }),
  {
    method: "GET",
    path: "/repositories/{repository_id}",
    describedAs: "/repos/{owner}/{repo}",
    access: "anyone",
    handle: ({ world, caller, params }) => {
      const found = world.tables.repositories.get(Number(params["repository_id"]));
      const repository = demand(world, caller, found, [["metadata", "read"]]);
      return { status: 200, json: fullRepositoryShape(world, repository) };
    },
  },
  onRepository("GET", "/commits/{ref}", [["contents", "read"]], async (call, repository) => {
    const { world, params, headers } = call;
    const ref = params["ref"] ?? "";
    const sha = await world.git.resolve(repository, ref);
    if (sha === null) throw new Failure(422, `No commit found for SHA: ${ref}`);
    if (headers.accept?.includes("application/vnd.github.sha") === true) {
      return {
        status: 200,
        raw: { type: "application/vnd.github.sha; charset=utf-8", bytes: Buffer.from(sha) },
      };
    }
    const dir = world.git.dir(repository);
    const commit = await world.git.objects.commit(dir, sha);
    const files = await diffFiles(dir, commit.parents[0] ?? null, sha);
    return { status: 200, json: commitShape(world, repository, commit, files) };
  }),
  onRepository("GET", "/git/trees/{tree_sha}", [["contents", "read"]], async (call, repository) => {
    const { world, params, query } = call;
    const asked = params["tree_sha"] ?? "";
    const tree = (await world.git.resolve(repository, asked)) ?? asked;
    const recursive = query.has("recursive");
    const entries = await world.git.objects.tree(world.git.dir(repository), tree, recursive);
    if (entries === null) throw notFound();
    return {
      status: 200,
      json: {
        sha: asked,
        url: repositoryUrl(world, repository, `/git/trees/${asked}`),
        tree: entries.map((entry) => treeEntryShape(world, repository, entry)),
        truncated: false,
      },
    };
  }),
  onRepository(
    "GET",
    "/git/ref/{gitref}",
    [["contents", "read"]],
    async ({ world, params }, repository) => {
      const ref = `refs/${params["gitref"] ?? ""}`;
      const refs = await world.git.refs.read(world.git.dir(repository), repository.externalDir !== null);
      const sha = refs.get(ref);
      if (sha === undefined) throw notFound();
      const url = repositoryUrl(world, repository, `/git/${ref}`);
      const object = { type: "commit", sha, url: repositoryUrl(world, repository, `/git/commits/${sha}`) };
      return { status: 200, json: { ref, node_id: `REF_${sha}`, url, object } };
    },
    { describedAs: "/repos/{owner}/{repo}/git/ref/{ref}" },
  ),
  onRepository("GET", "/collaborators/{username}/permission", [["metadata", "read"]], (call, repository) => {
    const { world, params, caller } = call;
    if (caller.kind === "user" && flagsOf(roleOf(repository, caller.userId))["push"] !== true)
      throw new Failure(403, "Must have push access to view collaborator permission.");
    const login = (params["username"] ?? "").toLowerCase();
    const account = world.tables.accountsByLogin(login)[0];
    if (account === undefined) throw new Failure(404, `${params["username"]} is not a user`);
    const role = roleOf(repository, account.id);
    const user = { ...accountShape(world, account), permissions: flagsOf(role), role_name: role ?? "" };
    const permission = role === null ? "none" : LEGACY[role];
    return { status: 200, json: { permission, user, role_name: role ?? "none" } };
  }),
];

function treeEntryShape(world: World, repository: Repository, entry: TreeEntry): Json {
  const { path, mode, type, sha, size } = entry;
  const url = repositoryUrl(world, repository, `/git/${type === "tree" ? "trees" : "blobs"}/${sha}`);
  return { path, mode, type, sha, ...(size === null ? {} : { size }), ...(type === "commit" ? {} : { url }) };
}
