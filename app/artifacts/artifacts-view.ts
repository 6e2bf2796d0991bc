import { shortLine } from "../clamp.ts";
import { formatBytes } from "../human.ts";
import type { Artifact } from "../store/artifact-rows.ts";
import type { Attempt } from "../store/rows.ts";
import { uploadName } from "./uploads.ts";

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
/** Of uploads, in one sentence. */
const NAMES_SHOWN = 5;
/** Which of them it was stands in the App's log. */
const WHY_NOT_HERE =
  "lost on the way, not fetched in 5 minutes or before a cancel, or not kept any more. Run it again to have them.";

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

/** Sentences of ours when the attempt's box had more for us than there is, by name where it is known, then those of the box. */
export function artifactNotes(artifacts: readonly Artifact[], attempt: Attempt | null): readonly string[] {
  if (attempt === null) return [];
  const { hydrate, execute, collect } = attempt.phases;
  const own = artifacts.filter(({ attemptId }) => attemptId === attempt.id);
  const kept = collect?.artifacts?.kept ?? 0;
  const missing = kept - own.filter(({ origin }) => origin === "tree").length;
  const here = new Set(own.filter(({ origin }) => origin === "action").map(({ name }) => uploadName(name)));
  const lost = [hydrate, execute].flatMap((said) => said?.uploads ?? []).filter((name) => !here.has(name));
  const names = lost.slice(0, NAMES_SHOWN).join(", ");
  const more = lost.length > NAMES_SHOWN ? ` and ${lost.length - NAMES_SHOWN} more` : "";
  return [
    ...(missing > 0 ? [`${missing} of ${kept} files of the work tree are not here: ${WHY_NOT_HERE}`] : []),
    ...(lost.length > 0 ? [`Uploaded by steps, and not here: ${names}${more}: ${WHY_NOT_HERE}`] : []),
    ...(collect?.artifacts?.notes ?? []),
  ];
}

function count(files: number): string {
  return files === 1 ? "1 file" : `${files} files`;
}
