import { AppError, type ErrorCode } from "../../errors.ts";

const OUTAGES: ReadonlySet<ErrorCode> = new Set(["github_failed", "github_limited"]);

/** True for what passes by itself: nothing is said then about the action or the repository that was asked for. */
export function isOutage(thrown: unknown): boolean {
  return thrown instanceof AppError && OUTAGES.has(thrown.code);
}
