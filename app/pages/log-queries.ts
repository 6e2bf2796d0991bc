import { z } from "zod";
import { AppError } from "../errors.ts";
import { MAX_ROWS } from "../journal/rows.ts";

/** Rows of one log: a number that JavaScript counts exactly. */
const Row = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const AttemptNumber = z.coerce.number().int().min(1).max(1000).optional();
/** What people type; longer needles make longer work. */
const NEEDLE_CHARACTERS = 200;

/** The path of every log route: the link's token. */
export const TokenParams = z.object({ token: z.string() });

/** Which rows of a log are wanted. */
export const LinesQuery = z.object({
  from: Row.default(0),
  count: z.coerce.number().int().min(1).max(MAX_ROWS).default(MAX_ROWS),
  attempt: AttemptNumber,
});

/** What is looked for in a log, and from where. */
export const SearchQuery = z.object({
  q: z.string().min(1).max(NEEDLE_CHARACTERS),
  from: Row.default(0),
  attempt: AttemptNumber,
});

/** How a log is downloaded. */
export const DownloadQuery = z.object({
  ansi: z.enum(["keep", "strip"]).default("strip"),
  attempt: AttemptNumber,
});

/** The query as its schema says; throws `bad_request` naming the first wrong key. */
export function parseQuery<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AppError(
    "bad_request",
    `The address has a wrong \`${issue?.path.join(".") ?? "query"}\`.`,
    `${issue?.message ?? "It is not allowed here"}.`,
  );
}
