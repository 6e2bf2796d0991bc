/** Submodules: each a tree of its own, with a git directory of its own, at depth 1. */

import { createHash } from "node:crypto";
import { existsSync, lstatSync } from "node:fs";
import { dirname, join } from "node:path";

import type { Git } from "./git.ts";
import { ensureDirectory } from "./git-dir.ts";
import { resolveSubmoduleUrl } from "./submodule-url.ts";
import type { RepositoryEnd, RepositorySpec, TreeTools } from "./sync-types.ts";

/** Submodules in submodules; deeper ones are a mistake or a trap. */
const DEPTH_MAX = 8;
const COUNT_MAX = 500;
const AT_ONCE = 4;

type Link = { readonly path: string; readonly sha: string };

export type SubmodulesEnd =
  | { readonly ok: true; readonly brought: readonly Brought[] }
  | Extract<RepositoryEnd, { ok: false }>;

/** What the command's own configuration says of a submodule, so that git counts it as initialised. */
export type Brought = { readonly name: string; readonly remote: string };

type Named = { readonly name: string; readonly url: string };

/** Brings every submodule the index names and `.gitmodules` gives a URL. One without a URL stays an empty directory. */
export async function syncSubmodules(
  tools: TreeTools,
  git: Git,
  parent: RepositorySpec,
  links: readonly Link[],
  topRemote: string,
  depth: number,
): Promise<SubmodulesEnd> {
  if (depth >= DEPTH_MAX || links.length > COUNT_MAX)
    return {
      ok: false,
      reason: "submodule",
      error: `submodules deeper than ${DEPTH_MAX} or more than ${COUNT_MAX}`,
    };
  const urls = await readUrls(git, parent.workTree);
  const queue = [...links];
  const brought: Brought[] = [];
  let failure: Extract<RepositoryEnd, { ok: false }> | undefined;
  const work = async (): Promise<void> => {
    for (let link = queue.shift(); link !== undefined && failure === undefined; link = queue.shift()) {
      const named = urls.get(link.path);
      if (named === undefined) continue;
      const remote = resolveSubmoduleUrl(named.url, parent.remote, topRemote);
      const end = await syncLink(tools, parent, link, remote, named.url, topRemote, depth);
      if (!end.ok) failure ??= end;
      else if (remote !== undefined) brought.push({ name: named.name, remote });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failure ?? { ok: true, brought };
}

async function syncLink(
  tools: TreeTools,
  parent: RepositorySpec,
  link: Link,
  remote: string | undefined,
  url: string,
  topRemote: string,
  depth: number,
): Promise<RepositoryEnd> {
  if (remote === undefined)
    return { ok: false, reason: "submodule", error: `submodule ${link.path}: ${url} is not an https URL` };
  const workTree = join(parent.workTree, link.path);
  if (!isOwnDirectory(parent.workTree, dirname(link.path)))
    return { ok: false, reason: "submodule", error: `submodule ${link.path}: lies behind a symbolic link` };
  ensureDirectory(workTree);
  const gitDir = join(
    `${parent.gitDir}-modules`,
    createHash("sha256").update(`${link.path}\0${remote}`).digest("hex").slice(0, 16),
  );
  const spec = { gitDir, workTree, remote, sha: link.sha, keep: [] };
  const first = await tools.syncInner(tools, spec, topRemote, depth + 1);
  // A token of one repository may be refused where nobody at all would be let in.
  const end =
    !first.ok && first.reason === "token_refused"
      ? await tools.syncInner({ ...tools, token: () => undefined }, spec, topRemote, depth + 1)
      : first;
  return end.ok
    ? end
    : { ok: false, reason: "submodule", error: `submodule ${link.path} (${remote}): ${end.error}` };
}

async function readUrls(git: Git, tree: string): Promise<Map<string, Named>> {
  const file = join(tree, ".gitmodules");
  if (!existsSync(file) || !lstatSync(file).isFile()) return new Map();
  const { stdout } = await git.run([
    "config",
    "--no-includes",
    "-z",
    "-f",
    file,
    "--get-regexp",
    String.raw`^submodule\..*\.(path|url)$`,
  ]);
  const byName = new Map<string, { path?: string; url?: string }>();
  for (const item of stdout.toString("utf8").split("\0")) {
    const [key, value] = splitOnce(item, "\n");
    const [, name, field] = /^submodule\.(.*)\.(path|url)$/s.exec(key) ?? [];
    if (name !== undefined && field !== undefined) byName.set(name, { ...byName.get(name), [field]: value });
  }
  return new Map(
    [...byName].flatMap(([name, { path, url }]) =>
      path === undefined || url === undefined ? [] : [[path, { name, url }] as const],
    ),
  );
}

function isOwnDirectory(tree: string, relative: string): boolean {
  let at = tree;
  for (const part of relative.split("/")) {
    at = join(at, part);
    if (existsSync(at) && !lstatSync(at).isDirectory()) return false;
  }
  return true;
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
