import type { FastifyInstance } from "fastify";
import { AppError } from "./errors.ts";

/** Listens and answers where. Throws `bad_settings` when the address cannot be had. */
export async function listenOn(
  server: FastifyInstance,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await server.listen({ host, port });
  } catch (thrown) {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "unknown";
    throw new AppError(
      "bad_settings",
      `${host}:${port} cannot be listened on (${code}).`,
      "Free it, or name another one in the settings: `listen`, or `content.listen`.",
      thrown,
    );
  }
}
