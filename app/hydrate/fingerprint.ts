import { createHash } from "node:crypto";
import type { JobPlan } from "../../runner-bootstrap/boxd/steps/plan.ts";

/** Whose steps, and the digest of the secrets they get: another one is another set-up. */
export type FingerprintMore = { readonly from: "base" | "head"; readonly secrets: string | null };

/**
 * A hash of what a set-up does: steps, environment, matrix and the commits of its actions. The commit under test and the `github`
 * context are no part of it, so that the next push finds the box prepared.
 */
export function fingerprintOf(plan: JobPlan, more: FingerprintMore): string {
  const { contexts, synced, ...rest } = plan;
  const { github, ...known } = contexts;
  const lasting = {
    ...rest,
    contexts: { ...known, event: github["event_name"] },
    repository: synced.repository,
    ...more,
  };
  return createHash("sha256").update(JSON.stringify(lasting)).digest("hex");
}
