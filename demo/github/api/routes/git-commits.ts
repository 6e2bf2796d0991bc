import { notFound } from "../../http/failure.ts";
import { gitCommitShape } from "../../shapes/commit.ts";
import { onRepository } from "../router.ts";
import type { Route } from "../router.ts";

/** A commit as git has it, without what it changes. */
export const gitCommitRoutes: readonly Route[] = [
  onRepository("GET", "/git/commits/{commit_sha}", [["contents", "read"]], async (call, repository) => {
    const { world, params } = call;
    const sha = await world.git.resolve(repository, params["commit_sha"] ?? "");
    if (sha === null || sha !== params["commit_sha"]) throw notFound();
    const commit = await world.git.objects.commit(world.git.dir(repository), sha);
    return { status: 200, json: gitCommitShape(world, repository, commit) };
  }),
];
