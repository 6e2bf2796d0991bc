import { z } from "zod";

/** Patterns of one file; each is compared with every name in the work tree. */
const MAX_PATTERNS = 20;
/** Also boxd's bound. */
const MAX_PATTERN_CHARS = 256;

/** `results` of `.github/crabbox.yml`; what it lets through, boxd's own check of a task lets through. */
export const resultKeys = z
  .array(
    z
      .string()
      .min(1)
      .max(MAX_PATTERN_CHARS)
      .refine((text) => !/^[/!]/u.test(text) && !/[\p{Cc}]/u.test(text) && !text.split("/").includes(".."), {
        message: "a path within the repository is needed, without `/` or `!` before it and without `..`",
      }),
  )
  .max(MAX_PATTERNS)
  .optional()
  .describe(
    "Files in which commands leave the results of their tests (JUnit, TAP, `go test -json`): paths with `*`, `?` and `**`; absent: the usual places, `[]`: none are read.",
  );
