import type { FastifyError, FastifyPluginCallback } from "fastify";
import { AppError, toAppError } from "../../errors.ts";
import { LOG_IN_PATH, loginRoutes } from "../../login/routes.ts";
import { accountsPage, deliveriesPage } from "./admin.ts";
import { auditPage } from "./audit.ts";
import { boxButtons, boxesPage } from "./boxes.ts";
import type { SiteDeps } from "./deps.ts";
import { homePage } from "./home.ts";
import { pullPage, repositoryPage } from "./repository.ts";
import { pressButton } from "./run-buttons.ts";
import { runPage } from "./run.ts";
import { createSite, SITE_HEADERS } from "./site.ts";

/** Log-in and all pages behind it. Faults answer as a page, or as JSON to what a page's script asks for. */
export function sitePages(deps: SiteDeps): FastifyPluginCallback {
  return (server, _options, done) => {
    const site = createSite(server, deps);
    server.setErrorHandler((thrown: FastifyError | AppError, request, reply) => {
      const error = asAnswer(thrown);
      const { status, message, hint, code } = error;
      const route = request.routeOptions.url ?? "";
      if (status >= 500) deps.log.error({ err: thrown, route }, "a page failed");
      reply.headers(SITE_HEADERS).code(status);
      if (route.includes("/log/")) return reply.send({ error: { code, message, hint } });
      // A link of a check to a file: whoever follows it is brought back after the log-in.
      if (code === "not_logged_in" && request.method === "GET" && !route.startsWith(LOG_IN_PATH))
        return reply.redirect(`${site.root}${LOG_IN_PATH}?to=${encodeURIComponent(request.url)}`, 303);
      const frame = site.frame(null, message, "");
      const logIn = code === "not_logged_in" || route.startsWith(LOG_IN_PATH);
      return reply.type("text/html; charset=utf-8").send(
        deps.render.fault({
          frame,
          status,
          message,
          hint,
          logIn: logIn ? `${site.root}${LOG_IN_PATH}` : "",
        }),
      );
    });
    void server.register(loginRoutes(deps.login));
    homePage(server, site, deps);
    runPage(server, site, deps);
    pressButton(site, deps);
    repositoryPage(site, deps);
    pullPage(site, deps);
    boxesPage(site, deps);
    boxButtons(site, deps);
    accountsPage(site, deps);
    deliveriesPage(site, deps);
    auditPage(site, deps);
    done();
  };
}

/** What fastify itself refuses (a form that is too large or of another kind) is the sender's fault, not ours. */
function asAnswer(thrown: FastifyError | AppError): AppError {
  if (thrown instanceof AppError) return thrown;
  const { statusCode = 500 } = thrown;
  if (statusCode < 400 || statusCode >= 500) return toAppError(thrown);
  const code = statusCode === 413 ? "too_large" : "bad_request";
  return new AppError(code, "This form cannot be read.", "Reload the page and try again.", thrown);
}
