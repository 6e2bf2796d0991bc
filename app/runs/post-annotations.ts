import { createHash } from "node:crypto";
import { z } from "zod";
import type { Changes } from "../github/changes.ts";
import type { CheckContent } from "../github/check-content.ts";
import type { CheckRuns } from "../github/check-runs.ts";
import type { RepositoryRef } from "../github/hub.ts";
import type { Outside } from "../github/outside.ts";
import { ANNOTATIONS_A_CALL, annotationsOf } from "../results/annotations.ts";
import { stepsSaid } from "../results/phase-said.ts";
import type { Attempt, Run } from "../store/rows.ts";

export type PostAnnotationsDeps = {
  readonly checkRuns: Pick<CheckRuns, "annotate" | "get">;
  readonly changes: Pick<Changes, "files">;
  readonly outside: Outside;
};

export type AnnotatedCheck = {
  readonly run: Run;
  /** The one that counts. */
  readonly attempt: Attempt;
  readonly where: RepositoryRef;
  readonly checkRunId: number;
  readonly output: CheckContent["output"];
};

const Done = z.object({ annotations: z.number() });

/**
 * Puts failed tests and remarks of set-up steps at the lines they are about, once: GitHub only ever adds annotations, so each call of
 * 50 is an outside call of its own (law 2), found again by the number that the check has. Safe to repeat.
 */
export async function postAnnotations(
  deps: PostAnnotationsDeps,
  { run, attempt, where, checkRunId, output }: AnnotatedCheck,
  signal: AbortSignal,
): Promise<void> {
  const { phases } = attempt;
  const failures = (phases.collect?.failures ?? []).filter(({ path }) => path !== undefined);
  const remarks = stepsSaid(phases).remarks.filter(({ path }) => path !== undefined);
  if (failures.length + remarks.length === 0) return;
  const changed = run.pullRequest === null ? [] : await deps.changes.files(where, run.pullRequest, signal);
  const all = annotationsOf(failures, remarks, new Set(changed));
  for (let from = 0; from < all.length; from += ANNOTATIONS_A_CALL) {
    const annotations = all.slice(from, from + ANNOTATIONS_A_CALL);
    const upTo = from + annotations.length;
    await deps.outside.ensure({
      key: `annotations:${run.id}:${from}`,
      result: Done,
      sent: createHash("sha256").update(JSON.stringify(annotations)).digest("hex"),
      signal,
      async find() {
        const check = await deps.checkRuns.get(where, checkRunId, signal);
        return check.annotations >= upTo ? check : null;
      },
      create: () =>
        deps.checkRuns.annotate(
          where,
          checkRunId,
          { ...output, annotations },
          { priority: "result", signal },
        ),
    });
  }
}
