import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import type { Log } from "./log.ts";
import { artifactContent, type ArtifactContentDeps } from "./pages/artifact-content.ts";

/** A request is a line and a few headers. */
const REQUEST_WITHIN_MS = 30_000;

export type ContentServerDeps = ArtifactContentDeps & {
  readonly log: Log;
  readonly trustedProxies: readonly string[];
};

/** The listener of the other origin: what boxes made, and nothing of ours. */
export async function createContentServer(deps: ContentServerDeps): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = deps.log.child({ room: "content" }, { level: "warn" });
  const server = fastify({
    loggerInstance,
    requestTimeout: REQUEST_WITHIN_MS,
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    forceCloseConnections: true,
  });
  await server.register(artifactContent(deps));
  return server;
}
