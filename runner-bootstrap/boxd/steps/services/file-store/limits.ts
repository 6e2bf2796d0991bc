/** Bounds of the file store. */

const GIB = 1024 ** 3;

export type FileStoreLimits = {
  /** One cache entry. */
  readonly cacheEntryMaxBytes: number;
  /** All cache entries; the least recently used go. */
  readonly cacheTotalBytes: number;
  readonly cacheMaxEntries: number;
  readonly artifactMaxBytes: number;
  /** All artifacts of one run. */
  readonly artifactRunMaxBytes: number;
  readonly artifactRunMaxCount: number;
  /** All artifacts; those of the oldest other runs go. */
  readonly artifactTotalBytes: number;
  readonly artifactMaxAgeMs: number;
  /** Bytes of all uploads that are open in this process. */
  readonly openUploadsMaxBytes: number;
};

/**
 * 10 GiB of caches: GitHub's limit for a repository, and what its client refuses to exceed in one entry. 500 artifacts
 * a job and 90 days: GitHub's too; the other figures keep one run from filling a disk.
 */
export const FILE_STORE_LIMITS: FileStoreLimits = {
  cacheEntryMaxBytes: 10 * GIB,
  cacheTotalBytes: 10 * GIB,
  cacheMaxEntries: 5_000,
  artifactMaxBytes: 5 * GIB,
  artifactRunMaxBytes: 10 * GIB,
  artifactRunMaxCount: 500,
  artifactTotalBytes: 20 * GIB,
  artifactMaxAgeMs: 90 * 24 * 60 * 60 * 1000,
  openUploadsMaxBytes: 20 * GIB,
};

/** What a block blob of Azure's may have; its clients keep to it. */
export const UPLOAD_MAX_PARTS = 50_000;
