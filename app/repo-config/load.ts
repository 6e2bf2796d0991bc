import { AppError } from "../errors.ts";
import type { Repository } from "../store/rows.ts";
import type { Allowed } from "./allowed.ts";
import type { Fault } from "./fault.ts";
import { MAX_FILE_BYTES } from "./parse.ts";
import { CONFIG_PATH, readRepoConfig, type ReadConfig } from "./read.ts";
import { NO_CONFIG, type RepoConfig } from "./schema.ts";

export type LoadedConfig =
  | {
      readonly kind: "good";
      readonly config: RepoConfig;
      /** The default branch's tip it was read at. */
      readonly sha: string;
      /** The text, to compare with; null when there is no file. */
      readonly text: string | null;
    }
  | {
      readonly kind: "broken";
      /** At least one. */
      readonly faults: readonly Fault[];
      readonly sha: string;
      readonly text: string | null;
    };

export type ConfigDeps = {
  /** The default branch's tip; throws `github_gone` when it cannot be seen. */
  readonly defaultTip: (repository: Repository) => Promise<string>;
  /** The file's text at a commit; null when there is none, or nothing at all is to be seen; throws `too_large`. */
  readonly readText: (
    repository: Repository,
    sha: string,
    path: string,
    maxBytes: number,
  ) => Promise<string | null>;
  readonly allowed: Allowed;
};

/** `.github/crabbox.yml` of a repository's default branch (law 12). */
export type RepoConfigs = {
  /**
   * As the default branch's tip has it now; `tip` saves a call to those who know it already. No file means that everything is left to
   * the server's settings; a repository that cannot be seen is an error, never that.
   */
  load(repository: Repository, tip?: string): Promise<LoadedConfig>;
  /** The file as any commit has it, for checking a change of it; null when there is none. */
  readAt(
    repository: Repository,
    sha: string,
  ): Promise<{ readonly text: string | null; readonly read: ReadConfig } | null>;
};

/** Files kept in memory, parsed: one is a few kilobytes (64 at worst), and a commit serves many commands. */
const MAX_KEPT = 500;

/** Reads the file once a commit; a failed reading is not remembered. */
export function createRepoConfigs(deps: ConfigDeps): RepoConfigs {
  const kept = new Map<string, Promise<LoadedConfig>>();

  async function readAt(repository: Repository, sha: string) {
    try {
      const text = await deps.readText(repository, sha, CONFIG_PATH, MAX_FILE_BYTES);
      return text === null ? null : { text, read: readRepoConfig(text, deps.allowed) };
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== "too_large") throw thrown;
      const fault = { line: 1, column: 1, key: "", message: thrown.message };
      return { text: null, read: { ok: false as const, faults: [fault] } };
    }
  }

  async function fresh(repository: Repository, sha: string): Promise<LoadedConfig> {
    const found = await readAt(repository, sha);
    if (found === null) {
      // GitHub answers a lost repository as it answers a missing file: what is still to be seen after that was so before.
      await deps.defaultTip(repository);
      return { kind: "good", config: NO_CONFIG, sha, text: null };
    }
    const { text, read } = found;
    return read.ok
      ? { kind: "good", config: read.config, sha, text }
      : { kind: "broken", faults: read.faults, sha, text };
  }

  return {
    readAt,
    async load(repository, tip) {
      const sha = tip ?? (await deps.defaultTip(repository));
      const key = `${repository.id}:${sha}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const reading = fresh(repository, sha);
      kept.set(key, reading);
      const [oldest] = kept.keys();
      if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
      try {
        return await reading;
      } catch (thrown) {
        kept.delete(key);
        throw thrown;
      }
    },
  };
}
