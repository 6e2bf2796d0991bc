import type { Repository, Run } from "../store/rows.ts";
import { planHydration, type HydratePlan, type WorkflowFile } from "./workflow.ts";

/** Plans kept in memory; one is a few kilobytes (half a megabyte at worst), and a base commit serves many runs. */
const MAX_PLANS = 100;

export type HydrationDeps = {
  /** The texts under `.github/workflows` at a commit; an empty list when there is no such folder. */
  readonly workflows: (repository: Repository, sha: string) => Promise<readonly WorkflowFile[]>;
};

/**
 * The set-up plan of a run, from the workflows at its base commit (law 12). A commit's files never change, so each is read once; a
 * failed reading is not remembered.
 */
export function createHydration(
  deps: HydrationDeps,
): (run: Pick<Run, "baseSha">, repository: Repository) => Promise<HydratePlan> {
  const plans = new Map<string, Promise<HydratePlan>>();
  return async (run, repository) => {
    const key = `${repository.id}:${run.baseSha}`;
    const known = plans.get(key);
    if (known !== undefined) return known;
    const reading = deps.workflows(repository, run.baseSha).then(planHydration);
    plans.set(key, reading);
    const [oldest] = plans.keys();
    if (plans.size > MAX_PLANS && oldest !== undefined) plans.delete(oldest);
    try {
      return await reading;
    } catch (error) {
      plans.delete(key);
      throw error;
    }
  };
}
