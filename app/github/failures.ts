import { z } from "zod";
import { AppError } from "../errors.ts";

/** What went wrong with one try of a call, sorted by what may be done next. */
export type Failure =
  /** Refused for now; `waitMs` as GitHub said, null when it did not say. Nothing happened. */
  | { readonly kind: "limited"; readonly waitMs: number | null; readonly cause: unknown }
  /** 401: the token is no longer good. Nothing happened. */
  | { readonly kind: "unauthorized"; readonly cause: unknown }
  /** 403: a permission is missing, or the installation is suspended. */
  | { readonly kind: "denied"; readonly cause: unknown }
  /** 404, 410, 451: removed, or hidden from us. */
  | { readonly kind: "gone"; readonly cause: unknown }
  /** Any other 4xx: asking again would answer the same. */
  | { readonly kind: "rejected"; readonly status: number; readonly cause: unknown }
  /** The connection was never made: nothing happened. */
  | { readonly kind: "unsent"; readonly cause: unknown }
  /** 5xx, a cut connection, an unreadable answer or no answer in time: it may have happened. */
  | { readonly kind: "unclear"; readonly cause: unknown };

/** Error codes of Node's sockets and resolver that come before a byte was sent. */
const UNSENT_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
]);

/** Longest chain of causes looked at (fetch wraps two deep; more would be a loop). */
const MAX_CAUSES = 5;

const requestErrorSchema = z.object({
  status: z.number(),
  response: z
    .object({
      headers: z.record(z.string(), z.unknown()),
      data: z.unknown(),
    })
    .optional(),
});

const errorBodySchema = z.object({ documentation_url: z.string() });
const limitSchema = z.object({ waitMs: z.number().nullable() });

/** Sorts what Octokit threw. `nowMs` turns GitHub's points in time into waits. */
export function classify(thrown: unknown, nowMs: number): Failure {
  const parsed = requestErrorSchema.safeParse(thrown);
  const response = parsed.success ? parsed.data.response : undefined;
  if (!parsed.success || response === undefined) {
    return { kind: isUnsent(thrown) ? "unsent" : "unclear", cause: thrown };
  }
  const { status } = parsed.data;
  const limited = limitOf(status, response.headers, response.data, nowMs);
  if (limited !== null) return { kind: "limited", waitMs: limited.waitMs, cause: thrown };
  if (status === 401) return { kind: "unauthorized", cause: thrown };
  if (status === 403) return { kind: "denied", cause: thrown };
  if (status === 404 || status === 410 || status === 451) return { kind: "gone", cause: thrown };
  if (status >= 400 && status < 500) return { kind: "rejected", status, cause: thrown };
  return { kind: "unclear", cause: thrown };
}

/**
 * The failure as the error that callers see. `what` names the call ("create check run"); `asApp`: it was the App's own, no
 * installation's.
 */
export function toFailureError(what: string, failure: Failure, asApp = false): AppError {
  const { cause } = failure;
  switch (failure.kind) {
    case "limited":
      return new AppError(
        "github_limited",
        `GitHub asked us to slow down (${what}).`,
        "Nothing to do: it is tried again when GitHub allows it.",
        { waitMs: failure.waitMs, response: cause },
      );
    case "unauthorized":
      return new AppError(
        "not_allowed",
        `GitHub does not accept the App's credentials (${what}).`,
        "Check the App id, the private key and this machine's clock.",
        cause,
      );
    case "denied":
      return new AppError(
        "not_allowed",
        `GitHub denies the App this call (${what}).`,
        "Accept the App's permissions in the installation's settings, and see that it is not suspended.",
        cause,
      );
    case "gone":
      return new AppError(
        "github_gone",
        `GitHub no longer has it, or the App may no longer see it (${what}).`,
        asApp
          ? "If this comes again and again: check APP_ID, the private key and `github.apiUrl`."
          : "Check that the App is still installed on this repository.",
        cause,
      );
    case "rejected":
      return new AppError(
        "github_refused",
        `GitHub refused the request with status ${failure.status} (${what}).`,
        "See the App's log for GitHub's reason.",
        cause,
      );
    case "unsent":
      return new AppError(
        "github_failed",
        `GitHub could not be reached (${what}).`,
        "Check the network from this machine to the GitHub API.",
        cause,
      );
    case "unclear":
      return new AppError(
        "github_failed",
        `GitHub failed or did not answer in time (${what}).`,
        "See githubstatus.com; it is tried again.",
        cause,
      );
  }
}

/** How long GitHub asked to wait: null when it did not say, or when the error is of another kind. */
export function limitWaitMs(error: AppError): number | null {
  if (error.code !== "github_limited") return null;
  const parsed = limitSchema.safeParse(error.cause);
  return parsed.success ? parsed.data.waitMs : null;
}

function limitOf(
  status: number,
  headers: Readonly<Record<string, unknown>>,
  body: unknown,
  nowMs: number,
): { readonly waitMs: number | null } | null {
  if (status !== 403 && status !== 429) return null;
  const retryAfterMs = secondsOf(headers["retry-after"]);
  if (retryAfterMs !== null) return { waitMs: retryAfterMs };
  if (secondsOf(headers["x-ratelimit-remaining"]) === 0) {
    const resetMs = secondsOf(headers["x-ratelimit-reset"]);
    // GitHub's own clock is the reference for its own times: ours may differ.
    const date = Date.parse(String(headers["date"]));
    const referenceMs = Number.isNaN(date) ? nowMs : date;
    return { waitMs: resetMs === null ? null : Math.max(0, resetMs - referenceMs) };
  }
  if (status === 429) return { waitMs: null };
  const documented = errorBodySchema.safeParse(body);
  return documented.success && documented.data.documentation_url.includes("rate-limit")
    ? { waitMs: null }
    : null;
}

/** A header of whole seconds in milliseconds; null when missing or not a number. */
function secondsOf(value: unknown): number | null {
  const text = typeof value === "string" || typeof value === "number" ? String(value) : "";
  return /^\d{1,12}$/.test(text) ? Number(text) * 1000 : null;
}

function isUnsent(thrown: unknown): boolean {
  let current = thrown;
  for (let depth = 0; depth < MAX_CAUSES && current instanceof Error; depth += 1) {
    if ("code" in current && UNSENT_CODES.has(String(current.code))) return true;
    current = current.cause;
  }
  return false;
}
