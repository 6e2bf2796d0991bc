import { z } from "zod";

/** Longest path or name of a workflow or job that somebody names. */
export const MAX_JOB_CHARS = 200;

const named = z.string().min(1).max(MAX_JOB_CHARS).optional();

/** `hydrate` of `.github/crabbox.yml`. */
export const hydrateKeys = z
  .strictObject({
    workflow: named.describe("Path, file name or name of the workflow."),
    job: named.describe("Id of the job."),
  })
  .refine(({ workflow, job }) => workflow !== undefined || job !== undefined, {
    message: "`workflow`, `job` or both are needed",
  })
  .optional();
