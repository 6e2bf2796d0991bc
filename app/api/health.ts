import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import type { Store } from "../store/store.ts";

export type HealthDeps = {
  readonly store: Pick<Store, "healthy">;
  readonly github: { credentialsRefused(): boolean };
  readonly draining: () => boolean;
  readonly metrics: Registry;
};

/**
 * `/healthz`: the process answers. `/readyz`: it also takes work (store writable, credentials good, not draining); a GitHub that does
 * not answer is waited for, so it changes nothing here. `/metrics`: Prometheus text, to direct callers on this machine only, because
 * it counts what accounts do.
 */
export function healthRoutes(server: FastifyInstance, deps: HealthDeps): void {
  server.get("/healthz", async () => ({ ok: true }));
  server.get("/readyz", async (_request, reply) => {
    if (deps.draining()) return reply.code(503).send({ ready: false, why: "draining" });
    if (!(await deps.store.healthy()))
      return reply.code(503).send({ ready: false, why: "the store cannot be read and written" });
    if (deps.github.credentialsRefused())
      return reply.code(503).send({ ready: false, why: "GitHub refuses the App's credentials" });
    return { ready: true };
  });
  server.get("/metrics", async (request, reply) => {
    if (!isDirectAndLocal(request))
      return reply.code(403).send({ error: "metrics are served on this machine only" });
    return reply.type(deps.metrics.contentType).send(await deps.metrics.metrics());
  });
}

function isDirectAndLocal(request: FastifyRequest): boolean {
  const forwarded = request.headers["x-forwarded-for"] ?? request.headers["forwarded"];
  const address = request.socket.remoteAddress ?? "";
  return forwarded === undefined && ["127.0.0.1", "::1", "::ffff:127.0.0.1"].includes(address);
}
