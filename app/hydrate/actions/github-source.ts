import type { Clock } from "../../clock.ts";
import { AppError } from "../../errors.ts";
import type { ActionSource, Resolved } from "../action-source.ts";
import { createCommitCache, type CommitCache } from "./commit-cache.ts";
import { runGit } from "./git.ts";
import { isReached } from "./reach.ts";
import { candidatesOf, isFullSha, isNwo, isRefName, isShortSha } from "./names.ts";
import { readFileAt, unpackCommit } from "./read-repository.ts";

/** One short question over the network. */
const ASK_TIMEOUT_MS = 30_000;

export type GithubSourceOptions = {
  /** `https://github.com`, or an Enterprise Server's address. */
  readonly baseUrl: string;
  /** Commits are kept here; made when it is not there, may be shared by processes. */
  readonly cacheDir: string;
  readonly clock: Pick<Clock, "now">;
  /** For private repositories; goes to git by its environment only. */
  readonly token?: string;
  /** A sentence whenever the network is asked. */
  readonly onProgress?: (text: string) => void;
};

/**
 * Actions from GitHub by git over HTTPS, each commit fetched once. Refs are asked for at each `resolve`, which throws github_failed where
 * the network, and not the server, says no.
 */
export function createGithubSource(options: GithubSourceOptions): ActionSource {
  const base = options.baseUrl.replace(/\/+$/u, "");
  const env = credentials(base, options.token);
  const say = options.onProgress ?? (() => undefined);
  const urlOf = (nwo: string): string => `${base}/${nwo}.git`;
  const cache = createCommitCache({ dir: options.cacheDir, urlOf, env, say, clock: options.clock });
  const demand = async (nwo: string, sha: string): Promise<string> => {
    const got = await cache.have(nwo, sha);
    if (got.ok) return got.repository;
    throw new AppError(
      "github_failed",
      `${nwo}@${sha} cannot be had: ${got.why}.`,
      "Look at the network, or give --github-root a directory with a mirror of it.",
    );
  };
  return {
    async resolve(nwo, ref) {
      if (!isNwo(nwo)) return { kind: "missing", reason: `\`${nwo.slice(0, 150)}\` is no repository's name` };
      if (!isRefName(ref)) return { kind: "missing", reason: `\`${ref.slice(0, 100)}\` is no name of a ref` };
      if (isFullSha(ref)) return resolveSha(cache, urlOf(nwo), { nwo, sha: ref.toLowerCase() });
      say(`asking ${base} for ${nwo}@${ref}`);
      return resolveRef(urlOf(nwo), nwo, { ref, base, env });
    },
    file: async (nwo, sha, path) => readFileAt(await demand(nwo, sha), sha, path),
    unpack: async (nwo, sha, dir) => unpackCommit(await demand(nwo, sha), { nwo, sha, dir }),
  };
}

async function resolveSha(
  cache: CommitCache,
  url: string,
  { nwo, sha }: { readonly nwo: string; readonly sha: string },
): Promise<Resolved> {
  const got = await cache.have(nwo, sha);
  if (got.ok) return { kind: "commit", sha };
  if (got.isLate === true || !(await isReached(url))) throw notReached(nwo, got.why);
  return { kind: "missing", reason: `the commit ${sha} of ${nwo} cannot be had: ${got.why}` };
}

async function resolveRef(
  url: string,
  nwo: string,
  asked: { readonly ref: string; readonly base: string; readonly env: Readonly<Record<string, string>> },
): Promise<Resolved> {
  const candidates = candidatesOf(asked.ref);
  const patterns = candidates.flatMap((name) => [name, `${name}^{}`]);
  const answer = await runGit(null, ["ls-remote", "--quiet", "--", url, ...patterns], {
    env: asked.env,
    timeoutMs: ASK_TIMEOUT_MS,
  });
  if (!answer.ok && (answer.isLate === true || !(await isReached(url)))) throw notReached(nwo, answer.why);
  if (!answer.ok)
    return { kind: "missing", reason: `${nwo} is not on ${asked.base} or cannot be reached: ${answer.why}` };
  const shas = new Map(
    answer.stdout
      .toString("utf8")
      .split("\n")
      .map((line) => line.split("\t"))
      .map(([sha = "", name = ""]) => [name, sha] as const),
  );
  // A tag of its own object is peeled: the line with `^{}` is its commit.
  const sha = candidates
    .map((name) => shas.get(`${name}^{}`) ?? shas.get(name))
    .find((one) => one !== undefined);
  if (sha !== undefined && isFullSha(sha)) return { kind: "commit", sha };
  const more = isShortSha(asked.ref) ? "; a commit needs all 40 digits of its SHA" : "";
  return { kind: "missing", reason: `${nwo} has no ref ${asked.ref}${more}` };
}

function notReached(nwo: string, why: string): AppError {
  return new AppError(
    "github_failed",
    `${nwo} cannot be reached: ${why}.`,
    "Look at the network; it is tried again.",
  );
}

/** The token by git's environment, never in argv or in a file. */
function credentials(base: string, token: string | undefined): Readonly<Record<string, string>> {
  if (token === undefined || token === "") return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${base}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${basic}`,
  };
}
