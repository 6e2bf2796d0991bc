import type { LeaseId } from "../../ids.ts";
import type { Lease, Repository } from "../../store/rows.ts";
import { returnPath } from "../../login/return-to.ts";
import { parseQuery } from "../log-queries.ts";
import { boxLine, EXTEND_BY, pullOf } from "./box-lines.ts";
import type { SiteDeps } from "./deps.ts";
import { LeaseParams, SaidQuery } from "./queries.ts";
import { keyOf, mayNot, senderOf } from "./run-buttons.ts";
import { guidOf, saidTo } from "./said.ts";
import type { Site } from "./site.ts";
import { nothingHere, sightOf, type Visitor } from "./visitor.ts";

/** Far above the leases of one account; of their repositories GitHub is asked. */
const LEASES_MAX = 200;

/** `/boxes`: every live box that the visitor may see. */
export function boxesPage(site: Site, deps: SiteDeps): void {
  site.page("/boxes", async (visitor, request) => {
    const { said } = parseQuery(SaidQuery, request.query);
    const live = await deps.store.leases.live();
    const shown = await visible(deps, visitor, live.slice(-LEASES_MAX));
    return deps.render.boxes({
      frame: site.frame(visitor, "Boxes", "/boxes"),
      boxes: await Promise.all(
        shown.map(({ lease, repository, mayAct }) =>
          boxLine(deps, site.root, { lease, repository, to: mayAct ? "/boxes" : null }),
        ),
      ),
      notice: await saidTo(deps, visitor, said, null),
      isCut: live.length > LEASES_MAX,
    });
  });
}

/** `POST /boxes/:lease/stop` and `/extend`: the very path of the commands of that name. */
export function boxButtons(site: Site, deps: SiteDeps): void {
  site.form("/boxes/:lease/:act", async (visitor, request, form) => {
    const params = LeaseParams.safeParse(request.params);
    if (!params.success) throw nothingHere();
    const lease = await deps.store.leases.get(params.data.lease as LeaseId);
    const repository = lease === null ? null : await deps.store.repositories.get(lease.repositoryId);
    if (lease === null || repository === null) throw nothingHere();
    const { maySee } = await sightOf(deps, visitor, repository);
    const pullRequest = maySee ? await pullOf(deps, lease) : null;
    if (pullRequest === null) throw nothingHere();
    const key = keyOf(form);
    const guid = guidOf(visitor, key);
    const text = params.data.act === "stop" ? `stop ${lease.id}` : `extend ${lease.id} ${EXTEND_BY}`;
    const acted = await deps.act({
      guid,
      repository,
      pullRequest,
      sender: senderOf(visitor),
      tellsRefusal: false,
      command: async () => ({ ok: true, text, sourceKey: `${guid}:0` }),
    });
    if (acted.kind === "not_allowed") {
      deps.access.forget(visitor.session, repository);
      throw mayNot();
    }
    return `${returnPath(form["to"]).split("?")[0] ?? "/boxes"}?said=${key}`;
  });
}

async function visible(deps: SiteDeps, visitor: Visitor, leases: readonly Lease[]) {
  const sights = new Map<number, Promise<{ repository: Repository; mayAct: boolean } | null>>();
  const look = async (id: number) => {
    const repository = await deps.store.repositories.get(id);
    if (repository === null) return null;
    const { maySee, mayAct } = await sightOf(deps, visitor, repository);
    return maySee ? { repository, mayAct } : null;
  };
  for (const { repositoryId } of leases)
    if (!sights.has(repositoryId)) sights.set(repositoryId, look(repositoryId));
  const found = await Promise.all(
    leases.map(async (lease) => {
      const sight = await sights.get(lease.repositoryId);
      return sight === null || sight === undefined ? [] : [{ lease, ...sight }];
    }),
  );
  return found.flat().reverse();
}
