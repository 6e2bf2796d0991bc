import { chmodSync, rmSync } from "node:fs";
import fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import type { Store } from "../store/store.ts";

export type AdminDeps = {
  readonly store: Pick<Store, "deliveries">;
  /** Sets the intake to work on revived letters. */
  readonly wakeIntake: () => void;
};

const Guid = z.object({ guid: z.string().min(1).max(100) });

/**
 * The operator's door: HTTP over a unix socket only the App's own user may open. The CLI asks here while an App runs, because one
 * process owns the store.
 */
export async function listenAdmin(socketPath: string, deps: AdminDeps): Promise<FastifyInstance> {
  const server = fastify({ bodyLimit: 64 * 1024 });
  server.get("/dead-letters", () => deps.store.deliveries.dead());
  server.post("/dead-letters/:guid/retry", async (request) => {
    const { guid } = Guid.parse(request.params);
    const revived = await deps.store.deliveries.revive(guid);
    if (revived) deps.wakeIntake();
    return { revived };
  });
  // Only the holder of the instance lock gets here, so a socket that lies there belongs to nobody.
  rmSync(socketPath, { force: true });
  await server.listen({ path: socketPath });
  chmodSync(socketPath, 0o600);
  return server;
}
