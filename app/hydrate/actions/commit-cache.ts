import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../clock.ts";
import { runGit } from "./git.ts";
import { keepRecent, touch } from "./least-used.ts";

/** The largest known action (200 MB) over 10 Mbit/s. */
const FETCH_TIMEOUT_MS = 180_000;
/** Less than a kilobyte a second for so long is no connection. */
const STALL_SECONDS = 30;

/** All commits together; some hundred actions. */
const MAX_KEPT_BYTES = 5 * 1024 * 1024 * 1024;

export type CommitCache = {
  /** A bare repository with that commit and its whole tree, every object's hash checked; fetched when it is not there. Safe for several processes at once. */
  have(
    nwo: string,
    sha: string,
  ): Promise<
    | { readonly ok: true; readonly repository: string }
    | { readonly ok: false; readonly why: string; readonly isLate?: boolean }
  >;
};

export type CacheDeps = {
  readonly dir: string;
  readonly urlOf: (nwo: string) => string;
  /** Environment that git asks the network with. */
  readonly env: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
  readonly clock: Pick<Clock, "now">;
  /** The least recently used commits go when all have more. */
  readonly maxBytes?: number;
};

/** One bare repository for each commit, `DIR/owner/name/SHA.git`: whole or not there. Bounded in bytes. */
export function createCommitCache(deps: CacheDeps): CommitCache {
  const busy = new Map<string, ReturnType<CommitCache["have"]>>();
  return {
    have(nwo, sha) {
      const repository = join(deps.dir, ...nwo.toLowerCase().split("/"), `${sha}.git`);
      const running = busy.get(repository);
      if (running !== undefined) return running;
      const having = bring(deps, nwo, { sha, repository }).finally(() => busy.delete(repository));
      busy.set(repository, having);
      return having;
    },
  };
}

type Wanted = { readonly sha: string; readonly repository: string };

async function bring(
  deps: CacheDeps,
  nwo: string,
  { sha, repository }: Wanted,
): ReturnType<CommitCache["have"]> {
  if (existsSync(repository)) {
    touch(repository, deps.clock.now());
    if (await isWhole(repository, sha)) return { ok: true, repository };
    deps.say(`the kept copy of ${nwo}@${sha} is damaged; it is fetched again`);
    // Renamed first: another process may be reading it.
    discard(repository);
  }
  deps.say(`fetching ${nwo}@${sha}`);
  const staging = `${repository}.part-${randomBytes(6).toString("hex")}`;
  mkdirSync(dirname(repository), { recursive: true });
  try {
    const made = await runGit(null, ["init", "--quiet", "--bare", "--template=", staging]);
    if (!made.ok) return made;
    const fetched = await runGit(staging, fetchArguments(deps.urlOf(nwo), sha), {
      env: deps.env,
      timeoutMs: FETCH_TIMEOUT_MS,
    });
    if (!fetched.ok) return fetched;
    if (!(await isWhole(staging, sha))) return { ok: false, why: "what came is not that commit" };
    settle(staging, repository);
    touch(repository, deps.clock.now());
    keepRecent(deps.dir, deps.maxBytes ?? MAX_KEPT_BYTES, deps.clock.now());
    return { ok: true, repository };
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

function fetchArguments(url: string, sha: string): readonly string[] {
  const slow = ["-c", "http.lowSpeedLimit=1000", "-c", `http.lowSpeedTime=${STALL_SECONDS}`];
  return [...slow, "fetch", "--quiet", "--depth=1", "--no-tags", "--", url, `${sha}:refs/heads/kept`];
}

/** fsck hashes every object again: what lies on a disk is not believed (law 14). */
async function isWhole(repository: string, sha: string): Promise<boolean> {
  const head = await runGit(repository, ["rev-parse", "--verify", "--quiet", "refs/heads/kept^{commit}"]);
  if (!head.ok || head.stdout.toString("utf8").trim() !== sha) return false;
  return (await runGit(repository, ["fsck", "--full", "--no-dangling", "--no-progress"])).ok;
}

function settle(staging: string, repository: string): void {
  try {
    renameSync(staging, repository);
  } catch (error) {
    // Another process was faster; its copy was checked the same way.
    if (!existsSync(repository)) throw error;
  }
}

function discard(repository: string): void {
  const away = `${repository}.bad-${randomBytes(6).toString("hex")}`;
  renameSync(repository, away);
  rmSync(away, { recursive: true, force: true });
}
