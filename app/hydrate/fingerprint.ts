import { createHash } from "node:crypto";
import type { JobsPlan } from "../../runner-bootstrap/boxd/steps/jobs/types.ts";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";
import { installFiles, type TreeFile } from "./install-files.ts";

/** Fingerprints kept in memory; a run asks for its own several times. */
const MAX_KEPT = 500;

/** The files of the commit under test, as GitHub tells them. */
export type CommitFiles =
  | { readonly kind: "all"; readonly files: readonly TreeFile[] }
  /** More than GitHub lists. */
  | { readonly kind: "part" }
  /** GitHub does not show the commit any more: the sync will say so. */
  | { readonly kind: "gone" };

/** Whose steps, and the digest of the secrets they get: another one is another set-up. `run`: for this run alone. */
export type FingerprintMore = {
  readonly from: "base" | "head";
  readonly secrets: string | null;
  readonly run?: string;
};

/** `files` is asked once for a plan and a commit; `key` tells the repository and the commit. Throws as `files` does. */
export type Fingerprints = (
  /** `jobs`: those that run before it; with `isAlone` there are none, only a call of the workflow that has it. */
  what: { readonly plan: JobPlan; readonly jobs?: JobsPlan; readonly isAlone?: boolean },
  of: { readonly key: string; readonly more: FingerprintMore },
  files: () => Promise<CommitFiles>,
) => Promise<string>;

/**
 * Hashes of what set-ups do: steps, environment, matrix, the commits of the actions, and the lock files they install from. Else the commit
 * under test and the `github` context are no part of it, so that the next push finds the box prepared.
 *
 * The files are GitHub's word and not the box's, which could keep an old set-up by telling an old hash (law 14). Where GitHub
 * does not list them all, every commit counts as another: done once too often, never once too little.
 */
export function createFingerprints(): Fingerprints {
  const known = new Map<string, string>();
  return async ({ plan, jobs, isAlone = jobs === undefined }, { key, more }, files) => {
    const steps = hashOf([lastingOf(plan), more, jobs?.target, jobs?.matrix, jobs?.prepared]);
    const kept = known.get(`${steps} ${key}`);
    if (kept !== undefined) return kept;
    // Needed jobs run whole, builds included: what they make depends on all of the commit.
    const made = hashOf([steps, isAlone ? linesOf(plan, key, await files()) : key]);
    known.set(`${steps} ${key}`, made);
    const [oldest] = known.keys();
    if (known.size > MAX_KEPT && oldest !== undefined) known.delete(oldest);
    return made;
  };
}

function lastingOf({ contexts, synced, ...rest }: JobPlan): unknown {
  const { github, ...known } = contexts;
  return { ...rest, contexts: { ...known, event: github["event_name"] }, repository: synced.repository };
}

function linesOf(plan: JobPlan, key: string, commit: CommitFiles): readonly string[] {
  if (commit.kind !== "all") return [key];
  const counts = installFiles(plan);
  return commit.files
    .filter(({ path }) => counts(path))
    .map(({ path, sha }) => `${sha} ${path}`)
    .sort();
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
