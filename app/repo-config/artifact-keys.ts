import { z } from "zod";

/** Patterns of one file; each is compared with every name in the work tree. Also boxd's bounds. */
const MAX_PATTERNS = 20;
const MAX_PATTERN_CHARS = 256;

/** `artifacts` of `.github/crabbox.yml`; what it lets through, boxd's own check of a task lets through. */
export const artifactKeys = z
  .array(
    z
      .string()
      .min(1)
      .max(MAX_PATTERN_CHARS)
      .refine((text) => !/^[/!]/u.test(text) && !/[\p{Cc}]/u.test(text) && text.split("/").every(isName), {
        message:
          "a path within the repository is needed, without `/` or `!` before it and without `..` and `.git`",
      }),
  )
  .max(MAX_PATTERNS)
  .optional()
  .describe(
    "Files of the work tree that are kept after a command, also when it failed: paths with `*`, `?` and `**`; a folder means all in it. `coverage`, `logs/*.txt`.",
  );

function isName(part: string): boolean {
  return part !== ".." && part.toLowerCase() !== ".git";
}
