import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { healthRoutes, type HealthDeps } from "./api/health.ts";
import { createIntakeRoutes, type IntakeDeps } from "./intake/routes.ts";
import type { Log } from "./log.ts";
import type { LogPagesDeps } from "./pages/log-access.ts";
import { artifactContent, type ArtifactContentDeps } from "./pages/artifact-content.ts";
import { logPages } from "./pages/log-pages.ts";
import type { SiteDeps } from "./pages/site/deps.ts";
import { sitePages } from "./pages/site/routes.ts";
import type { Renderer } from "./render.ts";
import { installedPage } from "./setup/installed.ts";

/** Beyond GitHub's own time limit of 10 s nobody waits for our answer. */
const REQUEST_WITHIN_MS = 30_000;

export type ServerDeps = {
  readonly log: Log;
  /** `listen.trustedProxies` of the settings: whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[];
  readonly intake: IntakeDeps;
  readonly pages: LogPagesDeps;
  /** Log-in and what is behind it; null where nobody can log in. */
  readonly site: SiteDeps | null;
  /** What boxes made, where no other origin serves it; null where one does. */
  readonly content: ArtifactContentDeps | null;
  readonly health: HealthDeps;
  readonly render: Pick<Renderer, "installedPage">;
};

/** The public listener: GitHub's webhooks, pages, health. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = deps.log.child({ room: "http" }, { level: "warn" });
  const server = fastify({
    loggerInstance,
    requestTimeout: REQUEST_WITHIN_MS,
    trustProxy: deps.trustedProxies.length > 0 ? [...deps.trustedProxies] : false,
    forceCloseConnections: true,
    // A logger of its own only for requests of routes with a level of their own; for the others it would add a number that nothing else tells.
    childLoggerFactory: (logger, _bindings, options) =>
      options.level === undefined ? logger : logger.child({}, options),
  });
  healthRoutes(server, deps.health);
  await server.register(createIntakeRoutes(deps.intake));
  await server.register(logPages(deps.pages));
  if (deps.content !== null) await server.register(artifactContent(deps.content));
  if (deps.site !== null) await server.register(sitePages(deps.site));
  await server.register(installedPage(deps.render));
  return server;
}
