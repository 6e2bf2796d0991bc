import type { RepositoryRef } from "../github/hub.ts";
import type { LoadedConfig } from "../repo-config/load.ts";
import { CONFIG_PATH } from "../repo-config/read.ts";
import type { AutoDeps } from "./deps.ts";
import type { Trigger } from "./trigger.ts";

/**
 * The check `crabbox.yml` on the head of a pull request that changes the file, so that a fault is seen before it is on the default
 * branch; and on every head while the default branch's own is broken, since its checks do not come then. Nothing of a head's file is ever
 * used. Safe to repeat.
 */
export async function checkFile(
  deps: Pick<AutoDeps, "configAt" | "changes" | "postConfigCheck">,
  ref: RepositoryRef,
  { repository, headSha, pullRequest }: Trigger,
  loaded: LoadedConfig,
): Promise<void> {
  const own = await deps.configAt(repository, headSha);
  const isSame = own !== null && own.text !== null && own.text === loaded.text;
  if (own !== null && !isSame) {
    // An old branch has an old file without changing it.
    const touched = await deps.changes.anyFile(ref, pullRequest, (path) => path === CONFIG_PATH);
    if (touched !== "none") return deps.postConfigCheck({ repository, headSha, of: "head", read: own.read });
  }
  if (loaded.kind === "good") return;
  await deps.postConfigCheck({
    repository,
    headSha,
    of: "default",
    read: { ok: false, faults: loaded.faults },
  });
}
