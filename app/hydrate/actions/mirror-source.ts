import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../errors.ts";
import type { ActionSource, Resolved } from "../action-source.ts";
import { runGit } from "./git.ts";
import { candidatesOf, isFullSha, isNwo, isRefName, isShortSha } from "./names.ts";
import { readFileAt, unpackCommit } from "./read-repository.ts";

/**
 * Actions from bare repositories `root/OWNER/NAME.git`, names compared without case; nothing outside of `root` is asked. Throws
 * `AppError` when `root` is no directory. `const source = createMirrorSource("/srv/mirrors")`
 */
export function createMirrorSource(root: string): ActionSource {
  if (!isDirectory(root))
    throw new AppError(
      "bad_request",
      `${root} is no directory.`,
      "Give --github-root a directory that holds bare repositories as OWNER/NAME.git.",
    );
  const repositoryOf = (nwo: string): string | null => {
    if (!isNwo(nwo)) return null;
    const [owner = "", name = ""] = nwo.split("/");
    // Several folders may differ in case alone.
    return childrenOf(root, owner).flatMap((dir) => childrenOf(dir, `${name}.git`))[0] ?? null;
  };
  const demand = (nwo: string): string => {
    const repository = repositoryOf(nwo);
    if (repository !== null) return repository;
    throw new AppError("not_found", `${root} has no repository ${nwo}.`, `Add ${nwo}.git to it.`);
  };
  return {
    async resolve(nwo, ref) {
      const repository = repositoryOf(nwo);
      if (repository === null) return { kind: "missing", reason: `${root} has no repository ${nwo}` };
      return resolveIn(repository, nwo, ref);
    },
    file: async (nwo, sha, path) => readFileAt(demand(nwo), sha, path),
    unpack: async (nwo, sha, dir) => unpackCommit(demand(nwo), { nwo, sha, dir }),
  };
}

/** The commit behind a ref of a bare repository: a tag (peeled), a branch or a whole SHA. */
async function resolveIn(repository: string, nwo: string, ref: string): Promise<Resolved> {
  if (!isRefName(ref)) return { kind: "missing", reason: `\`${ref.slice(0, 100)}\` is no name of a ref` };
  for (const full of isFullSha(ref) ? [ref.toLowerCase()] : candidatesOf(ref)) {
    const sha = await commitOf(repository, full);
    if (sha !== null) return { kind: "commit", sha };
  }
  if (isShortSha(ref))
    return { kind: "missing", reason: `${nwo} has no ref ${ref}; a commit needs all 40 digits of its SHA` };
  return { kind: "missing", reason: `${nwo} has no ${isFullSha(ref) ? "commit" : "ref"} ${ref}` };
}

async function commitOf(repository: string, revision: string): Promise<string | null> {
  const answer = await runGit(repository, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  ]);
  const sha = answer.ok ? answer.stdout.toString("utf8").trim() : "";
  return isFullSha(sha) ? sha : null;
}

/** Directories of that name, case aside; the exact one first. */
function childrenOf(dir: string, name: string): readonly string[] {
  return readdirSync(dir)
    .filter((entry) => entry.toLowerCase() === name.toLowerCase())
    .sort((a, b) => Number(b === name) - Number(a === name))
    .map((entry) => join(dir, entry))
    .filter(isDirectory);
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
