/** All downloads hold a connection and an open file each. */
const DOWNLOADS_MAX = 32;
/** Of one repository: its readers, however many and however slow, leave room for others'. */
const REPOSITORY_MAX = 8;

export type DownloadPlaces = {
  /** A place, counted from now on, and how to give it back (safe to repeat); null when all, or those of this repository, are taken. */
  take(repositoryId: number): (() => void) | null;
};

/** Empty. */
export function createDownloadPlaces(): DownloadPlaces {
  const taken = new Map<number, number>();
  let all = 0;
  return {
    take(repositoryId) {
      const own = taken.get(repositoryId) ?? 0;
      if (all >= DOWNLOADS_MAX || own >= REPOSITORY_MAX) return null;
      let isTaken = true;
      all += 1;
      taken.set(repositoryId, own + 1);
      return () => {
        if (!isTaken) return;
        isTaken = false;
        all -= 1;
        const left = (taken.get(repositoryId) ?? 1) - 1;
        if (left > 0) taken.set(repositoryId, left);
        else taken.delete(repositoryId);
      };
    },
  };
}
