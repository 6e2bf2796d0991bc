import { z } from "zod";

/** Names and patterns of one file; each costs a little at every task. */
const MAX_KEPT = 20;
const MAX_KEPT_CHARS = 200;

/** `keep` of `.github/crabbox.yml`; what it lets through, boxd's own check of a task lets through. */
export const keepKeys = z
  .array(
    z
      .string()
      .min(1)
      .max(MAX_KEPT_CHARS)
      .refine((text) => /^[^!#\s/\\-][^\p{Cc}\\]*$/u.test(text) && text.split("/").every(isName), {
        message:
          "a path within the repository is needed, as .gitignore has them, without `/`, `!` or `-` before it, without `..` and `.git`",
      }),
  )
  .max(MAX_KEPT)
  .optional()
  .describe(
    "What set-up steps leave untracked in the work tree and later commands need, beside `node_modules`, `.venv`, `vendor/bundle` and `target` at its top: `vendor`, `packages/*/node_modules`, `dist`. It stays while the box counts as prepared, also for other commits.",
  );

function isName(part: string): boolean {
  return part !== ".." && part !== "." && part.toLowerCase() !== ".git";
}
