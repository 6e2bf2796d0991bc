import { shortLine } from "../clamp.ts";
import { formatBytes } from "../human.ts";
import type { Artifact } from "../store/artifact-rows.ts";
import type { Attempt } from "../store/rows.ts";

/** Plain values for the check; escaping is the templates' business. */
export type ArtifactsView = {
  readonly what: string;
  readonly rows: readonly {
    readonly name: string;
    readonly size: string;
    /** Null where there is no page to lead to. */
    readonly url: string | null;
  }[];
  /** What the list leaves out; null when nothing. */
  readonly more: string | null;
  readonly notes: readonly string[];
};

/** Of a check's summary; the run's page has all. */
const ROWS_SHOWN = 20;
const NOTES_SHOWN = 5;
const NAME_BYTES = 200;

/** The files that a run left; null when there were none and nothing is to be said. `page`: the run's page or log link. */
export function artifactsView(
  artifacts: readonly Artifact[],
  attempt: Attempt | null,
  page: string | null,
): ArtifactsView | null {
  const notes = artifactNotes(artifacts, attempt);
  if (artifacts.length === 0 && notes.length === 0) return null;
  const bytes = artifacts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const shown = artifacts.slice(0, ROWS_SHOWN);
  return {
    what: artifacts.length === 0 ? "none." : `${count(artifacts.length)}, ${formatBytes(bytes)}.`,
    rows: shown.map(({ id, name, sizeBytes }) => ({
      name: shortLine(name, NAME_BYTES),
      size: formatBytes(sizeBytes),
      url: page === null ? null : `${page}/artifacts/${id}`,
    })),
    more:
      artifacts.length > shown.length ? `${artifacts.length - shown.length} more on the run's page.` : null,
    notes: notes.slice(0, NOTES_SHOWN),
  };
}

/** Sentences of the box, and one of ours when it had more files of the tree than there are. */
export function artifactNotes(artifacts: readonly Artifact[], attempt: Attempt | null): readonly string[] {
  const told = attempt?.phases.collect?.artifacts;
  if (told === undefined) return [];
  const missing = told.kept - artifacts.filter(({ origin }) => origin === "tree").length;
  const ours = missing > 0 ? [`${missing} of ${told.kept} files are not here, or not any more.`] : [];
  return [...ours, ...told.notes];
}

function count(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}
