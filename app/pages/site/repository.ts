import { shortLine } from "../../clamp.ts";
import type { Repository } from "../../store/rows.ts";
import { parseQuery } from "../log-queries.ts";
import { boxLine, pullOf } from "./box-lines.ts";
import type { SiteDeps } from "./deps.ts";
import { PAGE_ROWS, pageOf, repositoryHref, runLine } from "./lists.ts";
import { PageQuery, PullParams, RepositoryParams, SaidQuery } from "./queries.ts";
import { saidTo } from "./said.ts";
import type { Site } from "./site.ts";
import { nothingHere, sightOf, type Visitor } from "./visitor.ts";
import { pager } from "./words.ts";

const PULLS_MAX = 10;
const BRANCH_BYTES = 100;

/** `/repos/:owner/:name`: pull requests with runs, and the newest runs. */
export function repositoryPage(site: Site, deps: SiteDeps): void {
  site.page("/repos/:owner/:name", async (visitor, request) => {
    const { repository } = await seen(deps, visitor, request.params);
    const { from } = parseQuery(PageQuery, request.query);
    const { looks } = deps.store;
    const slice = { from, limit: PAGE_ROWS + 1 };
    const [pulls, found] = await Promise.all([
      looks.pullRequests(repository.id, { from: 0, limit: PULLS_MAX }),
      looks.runs({ repositoryIds: [repository.id] }, slice),
    ]);
    const { rows, next } = pageOf(found, from);
    const now = deps.clock.now();
    const href = repositoryHref(site.root, repository);
    const name = `${repository.owner}/${repository.name}`;
    return deps.render.repository({
      frame: site.frame(visitor, name, ""),
      name,
      webUrl: webUrl(deps, repository),
      pulls: pulls.map(({ number, runs, newest }) => ({
        pull: `#${number}`,
        href: `${href}/pull/${number}`,
        branch: shortLine(newest.headRef, BRANCH_BYTES),
        runs: runs === 1 ? "1 run" : `${runs} runs`,
        newest: runLine(site.root, repository, newest, now),
      })),
      runs: rows.map((run) => runLine(site.root, repository, run, now)),
      pager: pager(href, from, PAGE_ROWS, next),
    });
  });
}

/** `/repos/:owner/:name/pull/:number`: its runs and boxes. */
export function pullPage(site: Site, deps: SiteDeps): void {
  site.page("/repos/:owner/:name/pull/:number", async (visitor, request) => {
    const { number } = parseParams(request.params);
    const { repository, mayAct } = await seen(deps, visitor, request.params);
    const { from, said } = parseQuery(SaidQuery, request.query);
    const all = await deps.store.runs.ofPullRequest(repository.id, number, from + PAGE_ROWS + 1);
    const { rows, next } = pageOf(all.slice(from), from);
    const leases = await deps.store.leases.live({ repositoryId: repository.id });
    const pulls = await Promise.all(leases.map((lease) => pullOf(deps, lease)));
    const mine = leases.filter((_lease, index) => pulls[index] === number);
    // A pull request that never had anything to do with us does not exist here.
    if (all.length === 0 && mine.length === 0) throw nothingHere();
    const path = `/repos/${repository.owner}/${repository.name}/pull/${number}`;
    const now = deps.clock.now();
    return deps.render.pull({
      frame: site.frame(visitor, `Pull request ${number} of ${repository.owner}/${repository.name}`, ""),
      repository: `${repository.owner}/${repository.name}`,
      repositoryHref: repositoryHref(site.root, repository),
      pull: `#${number}`,
      webUrl: `${webUrl(deps, repository)}/pull/${number}`,
      runs: rows.map((run) => runLine(site.root, repository, run, now)),
      boxes: await Promise.all(
        mine.map((lease) => boxLine(deps, site.root, { lease, repository, to: mayAct ? path : null })),
      ),
      notice: await saidTo(deps, visitor, said, { repositoryId: repository.id, pullRequest: number }),
      pager: pager(`${site.root}${path}`, from, PAGE_ROWS, next),
    });
  });
}

async function seen(
  deps: SiteDeps,
  visitor: Visitor,
  params: unknown,
): Promise<{ readonly repository: Repository; readonly mayAct: boolean }> {
  const parsed = RepositoryParams.safeParse(params);
  if (!parsed.success) throw nothingHere();
  const repository = await deps.store.looks.repositoryNamed(parsed.data.owner, parsed.data.name);
  if (repository === null) throw nothingHere();
  const { maySee, mayAct } = await sightOf(deps, visitor, repository);
  if (!maySee) throw nothingHere();
  return { repository, mayAct };
}

function parseParams(params: unknown) {
  const parsed = PullParams.safeParse(params);
  if (!parsed.success) throw nothingHere();
  return parsed.data;
}

function webUrl(deps: SiteDeps, { owner, name }: Repository): string {
  return `${deps.webUrl.replace(/\/$/u, "")}/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
}
