import { z } from "zod";
import { duration } from "./settings-duration.ts";

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
/** What one blob between the App and a box may hold. */
const BLOB_MAX_BYTES = 2 * GIBIBYTE;
/** Each is fetched by itself: more would hold a run's end up for minutes. */
const FILES_MAX = 1_000;

/** What is kept of the files that runs leave, and for how long. */
export const ArtifactSettings = z
  .strictObject({
    fileMaxBytes: z
      .number()
      .int()
      .min(0)
      .max(BLOB_MAX_BYTES)
      .default(512 * MEBIBYTE)
      .describe("A larger file is not kept."),
    runMaxBytes: z
      .number()
      .int()
      .min(0)
      .default(GIBIBYTE)
      .describe("Artifacts of one run; what comes after is not kept."),
    filesMax: z
      .number()
      .int()
      .min(0)
      .max(FILES_MAX)
      .default(200)
      .describe("Files of one run's work tree, in the order of their paths."),
    repositoryMaxBytes: z
      .number()
      .int()
      .min(0)
      .default(5 * GIBIBYTE)
      .describe("Artifacts of one repository; the least recently made go."),
    maxBytes: z
      .number()
      .int()
      .min(0)
      .default(10 * GIBIBYTE)
      .describe("Artifacts of all repositories; 0 keeps none."),
    // As long as most pull requests are open; files are larger than logs, which are kept for a month.
    keep: duration("14d").describe("How long an artifact is kept."),
  })
  .prefault({});

/** The other origin, from which what boxes made is served. */
export const ContentSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .nullable()
      .default(null)
      .describe(
        "Where browsers get what runs left: another host name than `publicUrl`'s, best another domain; null: from `publicUrl`, for saving only, never shown.",
      ),
    listen: z
      .strictObject({
        host: z.string().default("127.0.0.1").describe("The address that `content.url` leads to."),
        port: z.number().int().min(0).max(65_535).default(3001).describe("Its port; not `listen.port`."),
      })
      .prefault({}),
  })
  .prefault({});
