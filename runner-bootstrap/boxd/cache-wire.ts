/**
 * Caches between the App, which keeps them, and the box, whose steps restore and save them. Dependency-free, because both import it.
 */

/** What the App keeps for the scopes that this run may read; which these are the box is told, never asked. */
export type OfferedCaches = {
  /** In the order they are read; the first is the run's own, the one its steps write to. */
  readonly scopes: readonly { readonly ref: string; readonly entries: readonly OfferedCache[] }[];
  /** A larger entry is not taken; 0 takes none. */
  readonly entryMaxBytes: number;
};

export type OfferedCache = {
  readonly key: string;
  readonly version: string;
  /** Hex; the blob's name, once the box has asked for it. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Epoch ms: of several that begin with a restore key the newest is meant. */
  readonly createdAt: number;
};

/** In the journal, as what it tells is to outlive the App. */
export type CacheEvent =
  /** A step restores an offered entry: the App puts its blob, or the step does without. */
  | { readonly e: "cache"; readonly at: "want"; readonly sha256: string }
  /** A step saved one: its blob is on the box until the next hydration. */
  | {
      readonly e: "cache";
      readonly at: "saved";
      readonly key: string;
      readonly version: string;
      readonly sha256: string;
      readonly sizeBytes: number;
    };
