import fastify, { type FastifyBaseLogger, type FastifyInstance } from "fastify";
import { healthRoutes, type HealthDeps } from "./api/health.ts";
import { createIntakeRoutes, type IntakeDeps } from "./intake/routes.ts";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";
import type { LogPagesDeps } from "./pages/log-access.ts";
import { logPages } from "./pages/log-pages.ts";

/** Beyond GitHub's own time limit of 10 s nobody waits for our answer. */
const REQUEST_WITHIN_MS = 30_000;

export type ServerDeps = {
  readonly log: Log;
  readonly intake: IntakeDeps;
  readonly pages: LogPagesDeps;
  readonly health: HealthDeps;
};

/** The public listener: GitHub's webhooks, log pages, health. */
export async function createServer(deps: ServerDeps): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = deps.log.child({ room: "http" }, { level: "warn" });
  const server = fastify({
    loggerInstance,
    requestTimeout: REQUEST_WITHIN_MS,
    forceCloseConnections: true,
  });
  healthRoutes(server, deps.health);
  await server.register(createIntakeRoutes(deps.intake));
  await server.register(logPages(deps.pages));
  return server;
}

/** Listens and answers where. Throws `bad_settings` when the address cannot be had. */
export async function listenOn(
  server: FastifyInstance,
  at: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen(at);
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    throw new AppError(
      "bad_settings",
      `${at.host}:${at.port} cannot be listened on (${code}).`,
      "Free it, or set `listen.host` and `listen.port` in the settings.",
      thrown,
    );
  }
}
