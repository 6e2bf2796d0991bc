import { BOX_CLASSES } from "../../providers/provider.ts";
import { forkPolicyOf, type ForkPolicyOf } from "../forks/policy.ts";
import type { Allowed } from "../repo-config/allowed.ts";
import { createRepoConfigs, type LoadedConfig } from "../repo-config/load.ts";
import { narrowForks } from "../repo-config/narrow.ts";
import { postConfigCheck, type ConfigCheck } from "../repo-config/post-check.ts";
import { CONFIG_PATH } from "../repo-config/read.ts";
import type { Settings } from "../settings.ts";
import type { Repository } from "../store/rows.ts";
import type { Edges } from "./edges.ts";

/** The repositories' own files: what they say, and what is said about them. */
export type RepoFiles = ReturnType<typeof createRepoFiles>;

/** Builds them over open edges. */
export function createRepoFiles(edges: Edges, settings: Settings) {
  const { github, log, outside, where } = edges;
  const configs = createRepoConfigs({
    defaultTip: async (repository) =>
      github.pulls.branchTip(await where(repository), repository.defaultBranch),
    readText: async (repository, sha, path, maxBytes) =>
      github.contents.readText(await where(repository), sha, path, maxBytes),
    allowed: allowedBy(edges, settings),
  });
  const serverPolicy = forkPolicyOf(settings.forks);
  const forkPolicy: ForkPolicyOf = async (repository) => {
    const server = await serverPolicy(repository);
    if (server.kind === "never") return server;
    const loaded = await configs.load(repository);
    return loaded.kind === "broken" ? { kind: "never" } : narrowForks(loaded.config, server);
  };
  const post = (check: ConfigCheck) =>
    postConfigCheck({ outside, checkRuns: github.checkRuns, where }, check);
  const web = settings.github.webUrl.replace(/\/$/u, "");
  return {
    repoConfig: configs.load,
    configAt: configs.readAt,
    forkPolicy,
    postConfigCheck: post,
    fileUrl: ({ owner, name }: Repository, sha: string, line: number) =>
      `${web}/${owner}/${name}/blob/${sha}/${CONFIG_PATH}#L${line}`,
    tellConfig(repository: Repository, headSha: string, loaded: LoadedConfig) {
      if (loaded.kind === "good") return;
      const read = { ok: false as const, faults: loaded.faults };
      post({ repository, headSha, of: "default", read }).catch((error: unknown) =>
        log.warn({ err: error, repository: repository.id }, "a broken file could not be told as a check"),
      );
    },
  };
}

function allowedBy(edges: Edges, settings: Settings): Allowed {
  const providers = [...edges.providers.values()];
  return {
    classes: BOX_CLASSES.filter((one) => providers.some((provider) => provider.types(one).length > 0)),
    providers: edges.providers,
    env: Object.keys(settings.env),
    forks: settings.forks,
  };
}
