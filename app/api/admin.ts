import { chmodSync, rmSync } from "node:fs";
import fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import { toAppError } from "../errors.ts";
import { adminSocketAddress, adminSocketPath } from "../state-dir.ts";
import type { Store } from "../store/store.ts";

export type AdminDeps = {
  readonly store: Pick<Store, "deliveries">;
  /** Sets the intake to work on revived letters. */
  readonly wakeIntake: () => void;
};

const BAD_GUID = {
  status: 400,
  message: "That is no GUID.",
  hint: "List them with: npx crabbox-app dead-letters",
};
const Guid = z.object({ guid: z.string().min(1).max(100) });

/**
 * The operator's door: HTTP over a unix socket only the App's own user may open. The CLI asks here while an App runs, because one
 * process owns the store.
 */
export async function listenAdmin(stateDir: string, deps: AdminDeps): Promise<FastifyInstance> {
  const server = fastify({ bodyLimit: 64 * 1024 });
  server.get("/dead-letters", () => deps.store.deliveries.dead());
  server.post("/dead-letters/:guid/retry", async (request) => {
    const { guid } = Guid.parse(request.params);
    const revived = await deps.store.deliveries.revive(guid);
    if (revived) deps.wakeIntake();
    return { revived };
  });
  server.setErrorHandler((thrown, _request, reply) => {
    const { status, message, hint } = thrown instanceof z.ZodError ? BAD_GUID : toAppError(thrown);
    return reply.code(status).send({ message, hint });
  });
  // Only the holder of the instance lock gets here, so a socket that lies there belongs to nobody.
  const path = adminSocketPath(stateDir);
  rmSync(path, { force: true });
  await server.listen({ path: adminSocketAddress(stateDir) });
  chmodSync(path, 0o600);
  return server;
}
