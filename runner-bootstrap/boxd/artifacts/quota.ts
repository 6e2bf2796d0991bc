/** What the artifacts of one task may have together: those that steps uploaded, and those of the tree after them. */

export type ArtifactQuota = {
  readonly leftBytes: number;
  take(sizeBytes: number): void;
  /** Remembers a sentence about an upload that stays behind: it is told with those about the tree's files. */
  leave(sentence: string): void;
  /** In the order in which they were said. */
  readonly left: readonly string[];
};

/** Whole; the App counts the same way (app/artifacts/traffic.ts). */
export function createArtifactQuota(maxBytes: number): ArtifactQuota {
  const left: string[] = [];
  let leftBytes = maxBytes;
  return {
    get leftBytes() {
      return leftBytes;
    },
    take(sizeBytes) {
      leftBytes -= sizeBytes;
    },
    leave: (sentence) => void left.push(sentence),
    left,
  };
}
