import { join } from "node:path";
import { createMirrorSource } from "../../app/hydrate/actions/mirror-source.ts";
import { createSystemClock } from "../../app/clock.ts";
import { createPacks } from "../../app/hydrate/actions/packs.ts";
import type { HydratePlan, HydrationRun, WorkflowFile } from "../../app/hydrate/hydrate-plan.ts";
import { createHydration, type HydrationDeps } from "../../app/hydrate/hydration.ts";
import { createStepSecrets } from "../../app/hydrate/secrets.ts";
import type { Repository } from "../../app/store/rows.ts";
import { room } from "./actions/repositories.ts";

export const BASE = "b".repeat(40);
const HEAD = "a".repeat(40);
const repository = { id: 11, accountId: 7, owner: "Acme", name: "shop", defaultBranch: "main" } as Repository;

function runOf(change: Partial<HydrationRun> = {}): HydrationRun {
  return {
    id: "run_1",
    actor: "wanda",
    baseRef: "main",
    baseSha: BASE,
    checkoutSha: HEAD,
    headRef: "change",
    headSha: HEAD,
    options: {},
    pullRequest: 3,
    trustDomain: "11:trusted",
    ...change,
  };
}

export const workflow = (text: string, path = ".github/workflows/ci.yml"): WorkflowFile => ({ path, text });

/** A workflow with one job `hydrate` of these steps. */
export function job(steps: string, extra = "", path?: string): WorkflowFile {
  return workflow(
    `on: push\njobs:\n  hydrate:\n    runs-on: ubuntu-latest\n${extra}    steps:\n${steps}`,
    path,
  );
}

/** Set-up plans of one repository with these files; `root` holds mirrors of actions. */
export function setUpRoom(
  files: readonly WorkflowFile[],
  own: Readonly<Record<string, string>> = {},
  change: Partial<HydrationDeps> = {},
) {
  const root = room();
  const source = createMirrorSource(root);
  const packs = createPacks(join(root, "packs"), createSystemClock());
  const clock = { at: 0 };
  const hydration = createHydration({
    workflows: async () => files,
    readOwn: async (_repository, _sha, path) => own[path] ?? null,
    files: async () => ({ kind: "all", files: [] }),
    source,
    pack: (archive) => packs.pack(source, archive),
    clock: { now: () => clock.at },
    github: { webUrl: "https://git.example", apiUrl: "https://git.example/api/v3" },
    secrets: createStepSecrets([], Buffer.from("key")),
    ...change,
  });
  return {
    root,
    clock,
    plan: (run: Partial<HydrationRun> = {}): Promise<HydratePlan> => hydration(runOf(run), repository),
  };
}

/** What is planned; fails with why not. */
export function planned(plan: HydratePlan) {
  if (plan.kind !== "plan" || plan.phase.plan === null) throw new Error(JSON.stringify(plan));
  return { ...plan, job: plan.phase.plan };
}
