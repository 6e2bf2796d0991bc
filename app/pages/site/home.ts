import { parseQuery } from "../log-queries.ts";
import { visitorOf } from "./visitor.ts";
import { SITE_HEADERS, type Site } from "./site.ts";
import type { FastifyInstance } from "fastify";
import { LOG_IN_PATH } from "../../login/routes.ts";
import type { SiteDeps } from "./deps.ts";
import { PAGE_ROWS, repositoriesOf, repositoryHref, runLine } from "./lists.ts";
import { PageQuery } from "./queries.ts";
import type { Visitor } from "./visitor.ts";
import { pager } from "./words.ts";

/** What is under way; the rest is on the repositories' own pages. */
const RUNNING_MAX = 20;
const UNDER_WAY = ["held", "queued", "leasing", "running", "reporting"] as const;

/** `/`: my repositories and what runs there now; for who is not logged in, a word of welcome that tells nothing of this server. */
export function homePage(server: FastifyInstance, site: Site, deps: SiteDeps): void {
  server.get("/", { logLevel: "warn" }, async (request, reply) => {
    const visitor = await visitorOf(deps, request);
    const html =
      visitor === null
        ? deps.render.welcome({
            frame: site.frame(null, "Crabbox", "/"),
            logIn: `${site.root}${LOG_IN_PATH}`,
          })
        : await home(site, deps, visitor, parseQuery(PageQuery, request.query).from);
    return reply.headers(SITE_HEADERS).type("text/html; charset=utf-8").send(html);
  });
}

async function home(site: Site, deps: SiteDeps, visitor: Visitor, from: number): Promise<string> {
  const { repositories, next } = await repositoriesOf(deps, visitor, from);
  const byId = new Map(repositories.map((one) => [one.id, one]));
  const running = await deps.store.looks.runs(
    { repositoryIds: [...byId.keys()], states: UNDER_WAY },
    { from: 0, limit: RUNNING_MAX },
  );
  const now = deps.clock.now();
  return deps.render.home({
    frame: site.frame(visitor, "Home", "/"),
    running: running.flatMap((run) => {
      const repository = byId.get(run.repositoryId);
      return repository === undefined ? [] : [runLine(site.root, repository, run, now)];
    }),
    repositories: repositories.map((one) => ({
      name: `${one.owner}/${one.name}`,
      href: repositoryHref(site.root, one),
      kind: one.private ? "private" : "public",
    })),
    pager: pager(`${site.root}/`, from, PAGE_ROWS, next),
  });
}
