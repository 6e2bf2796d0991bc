import { z } from "zod";

/** Longest path or name of a workflow or job that somebody names. */
export const MAX_JOB_CHARS = 200;
/** More keys no matrix has that people read. */
export const MAX_MATRIX_KEYS = 20;

const named = z.string().min(1).max(MAX_JOB_CHARS).optional();
const value = z
  .union(
    [z.string().max(MAX_JOB_CHARS), z.number(), z.boolean()],
    "a text, a number, true or false is needed",
  )
  .transform(String);

/** `hydrate` of `.github/crabbox.yml`. */
export const hydrateKeys = z
  .strictObject({
    workflow: named.describe("Path, file name or name of the workflow."),
    job: named.describe("Id of the job."),
    matrix: z
      .record(z.string().min(1).max(MAX_JOB_CHARS), value)
      .refine((all) => Object.keys(all).length <= MAX_MATRIX_KEYS, {
        message: `at most ${MAX_MATRIX_KEYS} keys`,
      })
      .optional()
      .describe("Of the job's matrix the first combination with these values; absent: the first of all."),
    needs: z
      .boolean()
      .optional()
      .describe("Run the jobs that it needs first, on the same box; absent: such a job is refused."),
  })
  .refine((keys) => Object.values(keys).some((one) => one !== undefined), {
    message: "`workflow`, `job`, `matrix` or `needs` is needed",
  })
  .optional();
