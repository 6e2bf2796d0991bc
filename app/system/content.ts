import { createContentServer } from "../content-server.ts";
import { listenOn } from "../listen.ts";
import type { ArtifactContentDeps } from "../pages/artifact-content.ts";
import type { Settings } from "../settings.ts";
import type { Edges } from "./edges.ts";

export type ContentDoor = {
  /** For the pages' listener, where there is no other origin. */
  readonly onPages: ArtifactContentDeps | null;
  /** Opens the other origin's listener, if there is one. */
  listen(): Promise<void>;
  close(): Promise<void>;
};

/** The door to what boxes made: an origin of its own where the settings name one. */
export async function contentDoor({ kept, log }: Edges, settings: Settings): Promise<ContentDoor> {
  const deps = { artifacts: kept.artifacts, links: kept.artifactLinks, log };
  const { url, listen } = settings.content;
  if (url === null)
    return { onPages: { ...deps, host: null }, listen: async () => {}, close: async () => {} };
  const { trustedProxies } = settings.listen;
  const server = await createContentServer({ ...deps, host: new URL(url).host, trustedProxies });
  return {
    onPages: null,
    async listen() {
      await listenOn(server, listen);
    },
    close: () => server.close(),
  };
}
