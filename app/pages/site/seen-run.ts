import type { Repository, Run } from "../../store/rows.ts";
import type { SiteDeps } from "./deps.ts";
import { RunParams } from "./queries.ts";
import { nothingHere, sightOf, type Visitor } from "./visitor.ts";

/** A run that somebody may see; `mayAct`: buttons are worth showing. */
export type Seen = { readonly run: Run; readonly repository: Repository; readonly mayAct: boolean };

/** The run that an address names, when the visitor may see its repository. */
export async function seenRun(deps: SiteDeps, visitor: Visitor, params: unknown): Promise<Seen> {
  const parsed = RunParams.safeParse(params);
  const run = parsed.success ? await deps.store.runs.get(parsed.data.run as Run["id"]) : null;
  const repository = run === null ? null : await deps.store.repositories.get(run.repositoryId);
  if (run === null || repository === null) throw nothingHere();
  const { maySee, mayAct } = await sightOf(deps, visitor, repository);
  if (!maySee) throw nothingHere();
  return { run, repository, mayAct };
}
