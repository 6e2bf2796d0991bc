import { createArtifacts } from "../artifacts/artifacts.ts";
import { createArtifactLinks } from "../artifacts/links.ts";
import { createArtifactTraffic } from "../artifacts/traffic.ts";
import { createCaches } from "../caches/caches.ts";
import { createCacheFiles, type ComingBytes } from "../caches/files.ts";
import { createCacheTraffic } from "../caches/traffic.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { together, type BlobTraffic } from "../runs/blob-traffic.ts";
import type { BoxLinks } from "../runs/box-links.ts";
import type { ExecuteInput } from "../runs/execute.ts";
import type { Settings } from "../settings.ts";
import { artifactsPath, cachesPath, stateKey } from "../state-dir.ts";
import type { LogStore } from "../store/logs.ts";
import type { Store } from "../store/store.ts";

export type KeptDeps = {
  readonly store: Pick<Store, "artifacts" | "cacheEntries">;
  readonly logs: LogStore;
  readonly links: BoxLinks;
  readonly clock: Clock;
  readonly log: Log;
};

/** What of boxes' files the App keeps by hash: cache entries and artifacts. Opens both folders in the state directory, which are made when they are needed. */
export function createKept({ store, logs, links, clock, log }: KeptDeps, settings: Settings) {
  const { stateDir } = settings;
  const coming: ComingBytes = new Map();
  const caches = createCaches({
    entries: store.cacheEntries,
    files: createCacheFiles(cachesPath(stateDir), coming),
    limits: settings.caches,
    clock,
  });
  const artifacts = createArtifacts({
    rows: store.artifacts,
    files: createCacheFiles(artifactsPath(stateDir), coming),
    limits: settings.artifacts,
    clock,
  });
  return {
    caches,
    artifacts,
    artifactLinks: createArtifactLinks({
      clock,
      key: stateKey(stateDir, "artifact-link.key"),
      baseUrl: settings.content.url ?? settings.publicUrl,
    }),
    traffic: (input: ExecuteInput): BlobTraffic =>
      together(
        createCacheTraffic({ caches, links, logs, log }, input),
        createArtifactTraffic({ artifacts, links, logs, log }, input),
      ),
  };
}
