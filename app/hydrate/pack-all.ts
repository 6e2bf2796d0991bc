import type { WorkflowModel } from "../../runner-bootstrap/boxd/steps/jobs/model.ts";
import type { ActionArchive } from "../../runner-bootstrap/boxd/task.ts";
import { AppError } from "../errors.ts";
import type { Repository } from "../store/rows.ts";
import { isOutage } from "./actions/outage.ts";
import { plain } from "./choose-hydrate.ts";
import { stepsCommit, type HydrationRun, type Refusal } from "./hydrate-plan.ts";
import type { Archive } from "./plan/types.ts";

type PackDeps = {
  /** Packs a tree for the box; `own` is the repository's. */
  readonly pack: (archive: Archive, own: Repository | null) => Promise<ActionArchive>;
};

/** Packs all trees that a plan needs, or answers why one cannot be had. Throws for an outage. */
export async function packAll(
  deps: PackDeps,
  wanted: readonly Archive[],
  of: { readonly run: HydrationRun; readonly repository: Repository; readonly workflow: WorkflowModel },
): Promise<
  | { readonly kind: "packed"; readonly archives: readonly ActionArchive[] }
  | ({ readonly kind: "refused" } & Refusal)
> {
  const { run, repository, workflow } = of;
  const archives: ActionArchive[] = [];
  for (const archive of wanted) {
    const isOwn =
      archive.nwo === `${repository.owner}/${repository.name}` && archive.sha === stepsCommit(run).sha;
    try {
      archives.push(await deps.pack(archive, isOwn ? repository : null));
    } catch (error) {
      if (!(error instanceof AppError) || error.status === 500 || isOutage(error)) throw error;
      const step = `${archive.nwo}@${archive.sha}`;
      return { kind: "refused", place: workflow.path, step, reason: plain(error.message) };
    }
  }
  return { kind: "packed", archives };
}
