import { Failure, notFound } from "../../http/failure.ts";
import type { PathObject, TreeEntry } from "../../git/objects.ts";
import type { Json, Repository } from "../../model.ts";
import { pageUrl, repositoryUrl } from "../../shapes/repository.ts";
import type { World } from "../../world.ts";
import { onRepository } from "../router.ts";
import type { Call, Reply, Route } from "../router.ts";

/** docs.github.com, "Get repository content": beyond 1 MB no content in JSON, beyond 100 MB none at all. */
const JSON_LIMIT_BYTES = 1024 * 1024;
const RAW_LIMIT_BYTES = 100 * 1024 * 1024;

const RAW_TYPES = ["application/vnd.github.raw", "application/vnd.github.v3.raw"];

/** Files and folders at a commit. */
export const contentRoutes: readonly Route[] = [
  onRepository("GET", "/contents/{path}", [["contents", "read"]], readContents),
];

async function readContents(call: Call, repository: Repository): Promise<Reply> {
  const { world, params, query, headers } = call;
  const path = (params["path"] ?? "").replaceAll(/^\/+|\/+$/g, "");
  const ref = query.get("ref") ?? repository.defaultBranch;
  const commit = await world.git.resolve(repository, ref);
  if (commit === null) throw new Failure(404, `No commit found for the ref ${ref}`);
  const dir = world.git.dir(repository);
  const found = await world.git.objects.at(dir, commit, path);
  if (found === null) throw notFound();
  if (found.type === "tree") {
    const entries = (await world.git.objects.tree(dir, found.sha, false)) ?? [];
    const json = entries.map((entry) => entryShape(world, repository, ref, path, entry));
    return { status: 200, json };
  }
  const accept = headers.accept ?? "";
  if (found.type === "blob" && RAW_TYPES.some((type) => accept.includes(type))) {
    if (found.bytes.length > RAW_LIMIT_BYTES) throw tooLarge();
    return {
      status: 200,
      raw: { type: "application/vnd.github.raw+json; charset=utf-8", bytes: found.bytes },
    };
  }
  return { status: 200, json: fileShape(world, repository, ref, path, found) };
}

function fileShape(world: World, repository: Repository, ref: string, path: string, found: PathObject): Json {
  const base = linksOf(world, repository, ref, path, found.type, found.sha);
  const size = found.bytes.length;
  if (found.type === "commit") {
    return { ...base, type: "submodule", size: 0, submodule_git_url: null, download_url: null };
  }
  if (found.mode === "120000") {
    return { ...base, type: "symlink", size, target: found.bytes.toString() };
  }
  if (size > RAW_LIMIT_BYTES) throw tooLarge();
  if (size > JSON_LIMIT_BYTES) return { ...base, type: "file", size, content: "", encoding: "none" };
  // GitHub breaks base64 after 60 characters.
  const content = found.bytes.toString("base64").replaceAll(/.{1,60}/g, "$&\n");
  return { ...base, type: "file", size, content, encoding: "base64" };
}

function entryShape(
  world: World,
  repository: Repository,
  ref: string,
  folder: string,
  entry: TreeEntry,
): Json {
  const path = folder === "" ? entry.path : `${folder}/${entry.path}`;
  // In listings submodules show as files: docs.github.com says so for compatibility.
  const kind = entry.type === "tree" ? "dir" : entry.mode === "120000" ? "symlink" : "file";
  return {
    ...linksOf(world, repository, ref, path, entry.type, entry.sha),
    type: kind,
    size: entry.size ?? 0,
    ...(kind === "file" ? {} : { download_url: null }),
  };
}

function linksOf(
  world: World,
  repository: Repository,
  ref: string,
  path: string,
  type: PathObject["type"],
  sha: string,
): Json {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  const url = repositoryUrl(world, repository, `/contents/${encoded}?ref=${encodeURIComponent(ref)}`);
  const git = repositoryUrl(world, repository, `/git/${type === "tree" ? "trees" : "blobs"}/${sha}`);
  const html = pageUrl(world, repository, `/${type === "tree" ? "tree" : "blob"}/${ref}/${encoded}`);
  return {
    name: path.split("/").at(-1) ?? "",
    path,
    sha,
    url,
    git_url: git,
    html_url: html,
    download_url: pageUrl(world, repository, `/raw/${ref}/${encoded}`),
    _links: { self: url, git, html },
  };
}

function tooLarge(): Failure {
  const message = "This API returns blobs up to 100 MB in size.";
  return new Failure(403, message, { errors: [{ resource: "Blob", field: "data", code: "too_large" }] });
}
