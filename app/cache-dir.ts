import { homedir } from "node:os";
import { join } from "node:path";

/** What the CLI keeps between runs: actions by commit, caches, tools, its own code compiled. May not exist yet. */
export function cacheDir(environment: NodeJS.ProcessEnv): string {
  const home = environment["XDG_CACHE_HOME"];
  // Set to nothing is as not set (XDG Base Directory Specification).
  return join(home === undefined || home === "" ? join(homedir(), ".cache") : home, "crabbox");
}
