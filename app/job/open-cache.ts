import { accessSync, constants, mkdirSync } from "node:fs";
import { AppError } from "../errors.ts";
import { cacheDir } from "../cache-dir.ts";

/** The folder of what is kept between runs, made when it is not there. Throws `AppError` when it cannot be written. */
export function openCache(environment: NodeJS.ProcessEnv): string {
  const dir = cacheDir(environment);
  try {
    mkdirSync(dir, { recursive: true });
    accessSync(dir, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "unknown";
    throw new AppError(
      "bad_request",
      `${dir} cannot be written (${code}): actions and caches are kept there.`,
      "XDG_CACHE_HOME=DIR names another place; XDG_CACHE_HOME=$(mktemp -d) keeps nothing.",
      cause,
    );
  }
  return dir;
}
