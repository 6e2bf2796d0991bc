import type { AutoDeps } from "../../app/auto/deps.ts";
import { mergeCommit } from "../../app/auto/merge-commit.ts";
import type { TestMerge } from "../../app/github/changes.ts";
import type { Allowed } from "../../app/repo-config/allowed.ts";
import { createRepoConfigs } from "../../app/repo-config/load.ts";
import type { ConfigCheck } from "../../app/repo-config/post-check.ts";

/** The repository's own file and what GitHub says about a pull request's changes; tests change it. */
export type FileWorld = {
  /** `.github/crabbox.yml` by commit; null: there is none. */
  readonly texts: Map<string, string>;
  changed: readonly string[] | "too_many";
  merge: TestMerge;
  /** What merges are made of, whatever the file's commits are. */
  readonly baseTip: string;
  /** The default branch's tip; null: the repository cannot be seen. */
  tip: () => string;
  readonly reads: string[];
  readonly checks: ConfigCheck[];
};

/** A world whose default branch has its tip and no file. */
export function fileWorld(tip: string): FileWorld {
  return {
    texts: new Map(),
    changed: [],
    merge: { kind: "unknown" },
    baseTip: tip,
    tip: () => tip,
    reads: [],
    checks: [],
  };
}

type FileDeps = Pick<
  AutoDeps,
  | "repoConfig"
  | "configAt"
  | "postConfigCheck"
  | "fileUrl"
  | "tellConfig"
  | "mergeCommit"
  | "changes"
  | "autoRuns"
>;

/** What commands and automatic runs use of it: the real loader over the world's texts. */
export function fileDeps(file: FileWorld, allowed: Pick<Allowed, "classes" | "providers">): FileDeps {
  const configs = createRepoConfigs({
    defaultTip: async () => file.tip(),
    readText: async (_repository, sha) => {
      file.reads.push(sha);
      return file.texts.get(sha) ?? null;
    },
    allowed: { ...allowed, env: ["NODE_ENV", "TZ"], forks: { policy: "approve" } },
  });
  return {
    repoConfig: configs.load,
    configAt: configs.readAt,
    postConfigCheck: async (check) => void file.checks.push(check),
    tellConfig: (repository, headSha, loaded) => {
      if (loaded.kind === "broken")
        file.checks.push({ repository, headSha, of: "default", read: { ok: false, faults: loaded.faults } });
    },
    fileUrl: (_repository, sha, line) => `https://github.test/blob/${sha}#L${line}`,
    changes: {
      anyFile: async (_repository, _number, isMeant) =>
        file.changed === "too_many" ? "too_many" : file.changed.some(isMeant) ? "some" : "none",
      files: async () => (file.changed === "too_many" ? [] : file.changed),
      testMerge: async () => file.merge,
    },
    autoRuns: true,
    mergeCommit: async ({ owner, name }, pull) =>
      mergeCommit(
        {
          clock: { sleep: async () => undefined },
          branchTip: async () => file.baseTip,
          changes: { testMerge: async () => file.merge },
        },
        { installationId: 70, owner, name },
        pull,
      ),
  };
}
