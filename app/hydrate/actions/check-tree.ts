import { AppError } from "../../errors.ts";
import { runGit } from "./git.ts";
import { staysInside } from "./links.ts";

/** Files of one action's repository; the largest known one has 12,000. */
const MAX_FILES = 50_000;
/** Bytes of one action's repository, unpacked; the largest known one has 300 MB. */
const MAX_TREE_BYTES = 1024 * 1024 * 1024;
const MAX_LINKS = 2_000;
/** Linux' own bound on a path; a target is one. */
const MAX_TARGET_BYTES = 4_096;
const LINK_MODE = "120000";
const HINT = "Use another version of it, or tell its authors.";

type TreeEntry = {
  readonly mode: string;
  readonly oid: string;
  readonly sizeBytes: number;
  readonly path: string;
};

/**
 * Throws `AppError` unless the tree of a commit can be unpacked without harm: bounded in files and bytes, no path or link that leaves
 * it, nothing that would be written through a link.
 */
export async function checkTree(repository: string, nwo: string, sha: string): Promise<void> {
  const listed = await runGit(repository, ["ls-tree", "-r", "-z", "-l", "--full-tree", sha]);
  if (!listed.ok)
    throw new AppError(
      "action_unusable",
      `The files of ${nwo}@${sha} cannot be listed: ${listed.why}.`,
      HINT,
    );
  const entries = parse(listed.stdout.toString("utf8"));
  const refuse = (what: string): never => {
    throw new AppError("too_large", `${nwo}@${sha} is not unpacked: ${what}.`, HINT);
  };
  if (entries.length > MAX_FILES) refuse(`it has ${entries.length} files, at most ${MAX_FILES} are taken`);
  const sizeBytes = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (sizeBytes > MAX_TREE_BYTES) refuse(`it has ${sizeBytes} bytes, at most ${MAX_TREE_BYTES} are taken`);
  const unsafe = entries.find(({ path }) => !isSafe(path));
  if (unsafe !== undefined) refuse(`the path \`${unsafe.path.slice(0, 200)}\` leaves its tree`);
  const links = await readLinks(repository, entries, refuse);
  const astray = [...links.keys()].find((path) => !staysInside(path, links));
  if (astray !== undefined) refuse(`the link \`${astray.slice(0, 200)}\` leaves its tree`);
  const through = entries.find(({ path }) => hasLinkAbove(path, links));
  if (through !== undefined) refuse(`\`${through.path.slice(0, 200)}\` would be written through a link`);
}

function parse(listing: string): readonly TreeEntry[] {
  return listing
    .split("\0")
    .filter((line) => line !== "")
    .map((line) => {
      const tab = line.indexOf("\t");
      const [mode = "", , oid = "", size = "0"] = line.slice(0, tab).split(/ +/u);
      return { mode, oid, sizeBytes: Number(size) || 0, path: line.slice(tab + 1) };
    });
}

async function readLinks(
  repository: string,
  entries: readonly TreeEntry[],
  refuse: (what: string) => never,
): Promise<ReadonlyMap<string, string>> {
  const links = entries.filter(({ mode }) => mode === LINK_MODE);
  if (links.length > MAX_LINKS) refuse(`it has ${links.length} links, at most ${MAX_LINKS} are taken`);
  const targets = new Map<string, string>();
  for (const { path, oid, sizeBytes } of links) {
    if (sizeBytes > MAX_TARGET_BYTES) refuse(`the link \`${path.slice(0, 200)}\` leads to no path`);
    const read = await runGit(repository, ["cat-file", "blob", oid]);
    if (!read.ok) return refuse(`the link \`${path.slice(0, 200)}\` cannot be read: ${read.why}`);
    targets.set(path, read.stdout.toString("utf8"));
  }
  return targets;
}

function isSafe(path: string): boolean {
  return path
    .split("/")
    .every((name) => name !== "" && name !== "." && name !== ".." && name.toLowerCase() !== ".git");
}

function hasLinkAbove(path: string, links: ReadonlyMap<string, string>): boolean {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1))
    if (links.has(path.slice(0, end))) return true;
  return false;
}
