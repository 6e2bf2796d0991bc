import { z } from "zod";
import { duration } from "./settings-duration.ts";

const GIBIBYTE = 1024 ** 3;
/** What one blob between the App and a box may hold. */
const BLOB_MAX_BYTES = 2 * GIBIBYTE;

/** What of hydrations' caches is kept, and for how long. */
export const CacheSettings = z
  .strictObject({
    entryMaxBytes: z
      .number()
      .int()
      .min(0)
      .max(BLOB_MAX_BYTES)
      .default(BLOB_MAX_BYTES)
      .describe("A larger cache entry is not kept."),
    repositoryMaxBytes: z
      .number()
      .int()
      .min(0)
      .default(10 * GIBIBYTE)
      .describe("Cache entries of one repository; the least recently used go, those of forks first."),
    maxBytes: z
      .number()
      .int()
      .min(0)
      .default(20 * GIBIBYTE)
      .describe("Cache entries of all repositories; 0 keeps none."),
    keep: duration("7d").describe("How long a cache entry is kept that nothing restores."),
  })
  .prefault({});
