import { artifactNotes } from "../artifacts/artifacts-view.ts";
import { formatBytes } from "../human.ts";
import type { LogPageView } from "../render/page-views.ts";
import { OUTCOMES } from "../runs/outcome.ts";
import type { Artifact } from "../store/artifact-rows.ts";
import type { Attempt, Run } from "../store/rows.ts";
import { timeView } from "./site/words.ts";

/** Files and what is to be said of those that are not there; `base`: the path above `artifacts/`. */
export function leftView(
  artifacts: readonly Artifact[],
  run: Pick<Run, "outcome" | "state">,
  attempt: Attempt | null,
  base: string,
  now: number,
): Pick<LogPageView, "artifacts" | "artifactNotes" | "bundle" | "hasLeft"> {
  const lines = artifacts.map(({ id, name, sizeBytes, expiresAt }) => ({
    name,
    href: `${base}/artifacts/${id}`,
    size: formatBytes(sizeBytes),
    goes: timeView(expiresAt, now),
  }));
  // Until the run has an outcome some may be on their way.
  const notes = run.outcome === null ? [] : artifactNotes(artifacts, attempt);
  const bundle = hasBundle(run) ? `${base}/bundle` : "";
  const hasLeft = lines.length > 0 || notes.length > 0 || bundle !== "" ? "yes" : "";
  return { artifacts: lines, artifactNotes: notes, bundle, hasLeft };
}

/** A run that failed, and is over. */
export function hasBundle(run: Pick<Run, "outcome" | "state">): boolean {
  const conclusion = run.outcome === null ? null : OUTCOMES[run.outcome].conclusion;
  return run.state === "done" && (conclusion === "failure" || conclusion === "timed_out");
}
