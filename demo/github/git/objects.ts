import { git, gitText } from "./git.ts";

export type TreeEntry = {
  path: string;
  mode: string;
  type: "blob" | "tree" | "commit";
  sha: string;
  size: number | null;
};

export type CommitInfo = {
  sha: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  message: string;
};

export type Person = { name: string; email: string; date: string };

/** The object at `commit:path` ("" is the root tree); null when the commit has no such path. */
export type PathObject = { type: "blob" | "tree" | "commit"; sha: string; mode: string; bytes: Buffer };

export type ObjectCache = {
  at: (dir: string, commit: string, path: string) => Promise<PathObject | null>;
  tree: (dir: string, tree: string, recursive: boolean) => Promise<TreeEntry[] | null>;
  commit: (dir: string, sha: string) => Promise<CommitInfo>;
};

const CACHED_ENTRIES = 2_000;
const CACHED_BLOB_BYTES = 1024 * 1024;

/** Objects never change, so what was read once is kept (the oldest goes first). */
export function createObjectCache(): ObjectCache {
  const paths = new Map<string, PathObject | null>();
  const commits = new Map<string, CommitInfo>();
  return {
    at: async (dir, commit, path) => {
      const key = `${dir}:${commit}:${path}`;
      const known = paths.get(key);
      if (known !== undefined) return known;
      const found = await readPath(dir, commit, path);
      if (found === null || found.bytes.length <= CACHED_BLOB_BYTES) remember(paths, key, found);
      return found;
    },
    tree: readTree,
    commit: async (dir, sha) => {
      const key = `${dir}:${sha}`;
      const known = commits.get(key) ?? (await readCommit(dir, sha));
      remember(commits, key, known);
      return known;
    },
  };
}

function remember<T>(cache: Map<string, T>, key: string, value: T): void {
  cache.set(key, value);
  const oldest = cache.keys().next().value;
  if (cache.size > CACHED_ENTRIES && oldest !== undefined) cache.delete(oldest);
}

async function readPath(dir: string, commit: string, path: string): Promise<PathObject | null> {
  if (path === "") {
    const sha = await gitText(dir, ["rev-parse", `${commit}^{tree}`]);
    return { type: "tree", sha, mode: "040000", bytes: Buffer.alloc(0) };
  }
  const listed = await git(dir, ["ls-tree", "-z", "--full-tree", commit, "--", path]);
  const entry = parseTree(listed.stdout.toString()).find((row) => row.path === path);
  if (listed.code !== 0 || entry === undefined) return null;
  const bytes =
    entry.type === "blob" ? (await git(dir, ["cat-file", "blob", entry.sha])).stdout : Buffer.alloc(0);
  return { type: entry.type, sha: entry.sha, mode: entry.mode, bytes };
}

async function readTree(dir: string, tree: string, recursive: boolean): Promise<TreeEntry[] | null> {
  const args = ["ls-tree", "-z", "--long", "--full-tree", ...(recursive ? ["-r", "-t"] : []), tree];
  const result = await git(dir, args);
  return result.code === 0 ? parseTree(result.stdout.toString()) : null;
}

function parseTree(text: string): TreeEntry[] {
  const rows = text.split("\0").filter((row) => row !== "");
  return rows.map((row) => {
    const tab = row.indexOf("\t");
    const [mode = "", type = "", sha = "", size] = row.slice(0, tab).split(/ +/);
    return {
      path: row.slice(tab + 1),
      mode,
      type: type as TreeEntry["type"],
      sha,
      size: size === undefined || size === "-" ? null : Number(size),
    };
  });
}

async function readCommit(dir: string, sha: string): Promise<CommitInfo> {
  const format = "%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B";
  const text = await gitText(dir, ["show", "--no-patch", `--format=${format}`, sha]);
  const [tree = "", parents = "", an = "", ae = "", ad = "", cn = "", ce = "", cd = "", message = ""] =
    text.split("\0");
  return {
    sha,
    tree,
    parents: parents.split(" ").filter((parent) => parent !== ""),
    author: { name: an, email: ae, date: utc(ad) },
    committer: { name: cn, email: ce, date: utc(cd) },
    message: message.trimEnd(),
  };
}

function utc(date: string): string {
  return new Date(date).toISOString().replace(".000Z", "Z");
}
