import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import type { PreparedJob } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import { isAnsweredCheckout } from "./plan/checkout.ts";
import type { Archive, RunFacts } from "./plan/types.ts";

type Parts = Pick<JobPlan, "steps" | "actions">;

/** The trees that some action of these jobs is run from; checkout of the commit that is there needs no code. */
export function neededArchives(
  jobs: readonly Parts[],
  archives: readonly Archive[],
  { ownArchive, github, synced }: Pick<RunFacts, "ownArchive" | "github" | "synced">,
): readonly Archive[] {
  const carried = new Set(jobs.flatMap(archivesOf));
  const sha = github["workflow_sha"];
  const own =
    ownArchive === null || typeof sha !== "string"
      ? []
      : [{ archive: ownArchive, nwo: synced.repository, sha }];
  return [...own, ...archives.filter(({ archive }) => archive !== ownArchive)].filter(({ archive }) =>
    carried.has(archive),
  );
}

/** The steps and actions of jobs, called workflows' too. */
export function partsOf(prepared: readonly PreparedJob[]): readonly Parts[] {
  return prepared.flatMap(({ resolved, callee }) => [resolved, ...partsOf(callee?.jobs ?? [])]);
}

function archivesOf({ steps, actions }: Parts): readonly string[] {
  const answered = new Set<string>();
  const run = new Set<string>();
  for (const step of steps) {
    if (step.kind !== "uses") continue;
    (isAnsweredCheckout(step) ? answered : run).add(step.action);
  }
  return Object.entries(actions).flatMap(([key, { source }]) => {
    const isUnused = answered.has(key) && !run.has(key);
    return source.kind === "archive" && !isUnused ? [source.archive] : [];
  });
}
