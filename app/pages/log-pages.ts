import type { FastifyPluginCallback, FastifyRequest } from "fastify";
import { toAppError } from "../errors.ts";
import { ArtifactParams, artifactRoutes } from "./artifact-routes.ts";
import { loadAssets } from "./assets.ts";
import { runOfLink } from "./log-access.ts";
import type { LogPagesDeps } from "./log-access.ts";
import { pageView } from "./log-page-view.ts";
import { parseQuery, TokenParams } from "./log-queries.ts";
import { logRoutes, quietly } from "./log-routes.ts";
import { PAGE_HEADERS } from "./page-headers.ts";

/**
 * The live log pages under `/logs/:token`, and all assets. The token is the whole right to read. Where people log in (`runPage` is there), a link
 * that still holds only leads to its run's page. Faults answer as a page or as JSON.
 */
export function logPages(deps: LogPagesDeps): FastifyPluginCallback {
  return (server, _options, done) => {
    const assets = loadAssets();
    const runOf = (request: FastifyRequest) => runOfLink(deps, parseQuery(TokenParams, request.params).token);
    const { runPage } = deps;

    assets.register(server);
    if (runPage === null) {
      quietly(server, "/logs/:token", async (request, reply) => {
        const { token } = parseQuery(TokenParams, request.params);
        const view = await pageView(deps, await runOf(request), token, relative(assets.path));
        return reply.type("text/html; charset=utf-8").send(deps.render.logPage(view));
      });
      logRoutes(server, deps, "/logs/:token", runOf);
      artifactRoutes(server, deps, "/logs/:token", runOf);
    } else {
      quietly(server, "/logs/:token", async (request, reply) =>
        reply.redirect(runPage(await runOf(request)), 303),
      );
      for (const [below, at] of [
        ["/download", "/log/download"],
        ["/bundle", "/bundle"],
      ] as const)
        quietly(server, `/logs/:token${below}`, async (request, reply) =>
          reply.redirect(`${runPage(await runOf(request))}${at}`, 303),
        );
      quietly(server, "/logs/:token/artifacts/:artifact", async (request, reply) => {
        const run = await runOf(request);
        const { artifact } = parseQuery(ArtifactParams, request.params);
        return reply.redirect(`${runPage(run)}/artifacts/${artifact}`, 303);
      });
    }
    server.setErrorHandler((thrown, request, reply) => {
      const error = toAppError(thrown);
      if (error.status >= 500)
        request.log.error({ err: thrown, route: request.routeOptions.url }, "a log page failed");
      reply.headers(PAGE_HEADERS).code(error.status);
      if (request.routeOptions.url === "/logs/:token") {
        const { status, message, hint } = error;
        return reply
          .type("text/html; charset=utf-8")
          .send(deps.render.errorPage({ assets: relative(assets.path), status, message, hint }));
      }
      return reply.send({ error: { code: error.code, message: error.message, hint: error.hint } });
    });
    done();
  };
}

/** As seen from `/logs/TOKEN`, so that pages also work behind a proxy that puts a path before ours. */
function relative(path: string): string {
  return `..${path}`;
}
