import type { FastifyInstance } from "fastify";
import { loadAssets } from "../pages/assets.ts";
import { PAGE_HEADERS } from "../pages/page-headers.ts";
import type { Renderer } from "../render.ts";
import { INSTALLED_PATH } from "./manifest.ts";

/** The page GitHub sends people to after they installed the App: what to do first. It tells nothing of this server. */
export function installedPage(
  render: Pick<Renderer, "installedPage">,
): (server: FastifyInstance) => Promise<void> {
  const page = render.installedPage({ assets: loadAssets().path });
  return async (server) => {
    server.get(INSTALLED_PATH, async (_request, reply) =>
      reply.headers(PAGE_HEADERS).type("text/html; charset=utf-8").send(page),
    );
  };
}
