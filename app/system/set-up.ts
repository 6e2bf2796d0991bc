import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createGithubSource } from "../hydrate/actions/github-source.ts";
import { createPacks } from "../hydrate/actions/packs.ts";
import { createHydration, type HydrationDeps } from "../hydrate/hydration.ts";
import { createStepSecrets } from "../hydrate/secrets.ts";
import type { SyncTokens } from "../runs/sync-tokens.ts";
import type { Settings } from "../settings.ts";
import { actionsPath, stateKey } from "../state-dir.ts";
import type { Repository } from "../store/rows.ts";
import type { Edges } from "./edges.ts";

/** Far beyond what an action's file or a workflow has; their readers have smaller bounds. */
const MAX_FILE_BYTES = 512 * 1024;

/** Builds them over open edges; actions are fetched without a token, a repository's own with one of its own that is revoked after. */
export function createSetUp(edges: Edges, settings: Settings, tokens: Pick<SyncTokens, "take" | "used">) {
  const { clock, github, log, where } = edges;
  const dir = actionsPath(settings.stateDir);
  const webUrl = settings.github.webUrl.replace(/\/+$/u, "");
  const onProgress = (text: string): void => log.debug({ text }, "an action is looked up");
  const mapped = settings.repositories.map((one) => ({
    ...one,
    secrets: settings.stepSecrets.get(one.id) ?? new Map<string, string>(),
  }));
  const secrets = createStepSecrets(mapped, stateKey(settings.stateDir, "step-secrets.key"));
  // The caller holds the instance lock: what an earlier process began is nobody's.
  for (const name of existsSync(dir) ? readdirSync(dir) : [])
    if (name.startsWith("own-")) rmSync(join(dir, name), { recursive: true, force: true });
  const packs = createPacks(join(dir, "packs"), clock);
  const source = createGithubSource({ baseUrl: webUrl, cacheDir: join(dir, "commits"), clock, onProgress });

  /** Its commits come and go with every push, so only the pack is kept. */
  const ownSource = (repository: Repository): Pick<typeof source, "unpack"> => ({
    async unpack(nwo, sha, into) {
      const cacheDir = join(dir, `own-${randomBytes(6).toString("hex")}`);
      const token = await tokens.take(repository);
      try {
        await createGithubSource({ baseUrl: webUrl, cacheDir, clock, token, onProgress }).unpack(
          nwo,
          sha,
          into,
        );
      } finally {
        tokens.used(token);
        rmSync(cacheDir, { recursive: true, force: true });
      }
    },
  });

  const deps: HydrationDeps = {
    workflows: async (repository, sha) => github.contents.workflows(await where(repository), sha),
    readOwn: async (repository, sha, path) =>
      github.contents.readText(await where(repository), sha, path, MAX_FILE_BYTES),
    files: async (repository, sha) =>
      (await github.contents.tree(await where(repository), sha)) ?? { kind: "gone" },
    source,
    pack: (archive, own) => packs.pack(own === null ? source : ownSource(own), archive),
    clock,
    github: { webUrl, apiUrl: settings.github.apiUrl.replace(/\/+$/u, "") },
    secrets,
  };
  const stepToken = async ({ id, accountId }: Repository, parts: readonly string[]): Promise<string> =>
    (await github.tokens.mintRead(await edges.installationOf(accountId), id, parts)).token;
  return { hydration: createHydration(deps), open: packs.open, steps: { stepSecrets: secrets, stepToken } };
}
