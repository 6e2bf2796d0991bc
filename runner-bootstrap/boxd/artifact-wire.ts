/**
 * Artifacts between the box, where they are made, and the App, which keeps them. Dependency-free, because both import it.
 */

/** What of a run's files is wanted, and how much of it the App takes. */
export type WantedArtifacts = {
  /** Of `artifacts` in crabbox.yml, relative to the work tree; a folder's name means all in it. */
  readonly patterns: readonly string[];
  /** One file. */
  readonly fileMaxBytes: number;
  /** All files of the run. */
  readonly runMaxBytes: number;
  readonly filesMax: number;
};

/** In the journal, as what it tells is to outlive the App. Names are the box's word: text, never a path for the App. */
export type ArtifactEvent =
  /** One whole file: its blob is on the box until the next task. */
  | {
      readonly e: "artifact";
      /** `tree`: a path in the work tree. `action`: the name that a step uploaded it under; a zip then, unless the name says otherwise. */
      readonly from: "tree" | "action";
      readonly name: string;
      readonly sha256: string;
      readonly sizeBytes: number;
      /** How long whoever uploaded it wants it kept, from now; the App's own limit holds all the same. */
      readonly keepMs?: number;
    }
  /** After those of the tree: how many there were, and a sentence for each that is not among them. */
  | { readonly e: "artifacts"; readonly kept: number; readonly notes: readonly string[] };

/** Characters of a path; longer ones are refused. */
export const ARTIFACT_NAME_MAX = 512;
export const ARTIFACT_NOTES_MAX = 20;
export const ARTIFACT_NOTE_MAX = 300;
