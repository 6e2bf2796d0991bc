import { git, gitText } from "./git.ts";

/** All refs of a repository by full name, tags peeled to their commit. */
export type Refs = ReadonlyMap<string, string>;

/** git's name for a ref that is not there. */
export const ZERO_SHA = "0".repeat(40);

const FULL_SHA = /^[0-9a-f]{40}$/;
const SHORT_SHA = /^[0-9a-f]{7,39}$/;
/** Repositories under --github-root may change under our hands. */
const EXTERNAL_FRESH_MS = 2_000;

export type RefCache = {
  read: (dir: string, external: boolean) => Promise<Refs>;
  forget: (dir: string) => void;
  /** A branch, tag, `heads/x`, `refs/...`, HEAD or SHA to a commit; null when there is none. */
  resolve: (dir: string, external: boolean, ref: string, defaultBranch: string) => Promise<string | null>;
};

/** Refs are read once and forgotten at each of our own writes. */
export function createRefCache(): RefCache {
  const cache = new Map<string, { at: number; refs: Promise<Refs> }>();
  const commits = new Set<string>();
  const read = async (dir: string, external: boolean): Promise<Refs> => {
    const known = cache.get(dir);
    if (known !== undefined && !(external && Date.now() - known.at > EXTERNAL_FRESH_MS)) return known.refs;
    const refs = readRefs(dir);
    cache.set(dir, { at: Date.now(), refs });
    return refs;
  };
  const isCommit = async (dir: string, sha: string): Promise<string | null> => {
    if (commits.has(`${dir}:${sha}`)) return sha;
    const found = await git(dir, ["rev-parse", "--verify", "--quiet", `${sha}^{commit}`]);
    if (found.code !== 0) return null;
    const full = found.stdout.toString().trim();
    commits.add(`${dir}:${full}`);
    return full;
  };
  return {
    read,
    forget: (dir) => {
      cache.delete(dir);
    },
    resolve: async (dir, external, ref, defaultBranch) => {
      if (FULL_SHA.test(ref)) return isCommit(dir, ref);
      const refs = await read(dir, external);
      const name = ref === "HEAD" ? defaultBranch : ref;
      for (const full of [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`, name]) {
        const sha = refs.get(full);
        if (sha !== undefined) return sha;
      }
      return SHORT_SHA.test(ref) ? isCommit(dir, ref) : null;
    },
  };
}

async function readRefs(dir: string): Promise<Refs> {
  const format = "--format=%(refname) %(objectname) %(*objectname)";
  const lines = (await gitText(dir, ["for-each-ref", format])).split("\n").filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [name = "", sha = "", peeled = ""] = line.split(" ");
      return [name, peeled === "" ? sha : peeled];
    }),
  );
}
