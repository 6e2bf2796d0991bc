import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createSystemClock } from "../clock.ts";
import type { ActionSource } from "../hydrate/action-source.ts";
import { createGithubSource } from "../hydrate/actions/github-source.ts";
import { createMirrorSource } from "../hydrate/actions/mirror-source.ts";

/** Where actions come from: bare mirrors, or GitHub with every commit kept in `cache`. `note` hears of what takes long. */
export function openSource(
  githubRoot: string | null,
  cache: string,
  note: (text: string) => void,
): ActionSource {
  if (githubRoot !== null) return createMirrorSource(githubRoot);
  const dir = join(cache, "actions");
  mkdirSync(dir, { recursive: true });
  return createGithubSource({
    baseUrl: "https://github.com",
    cacheDir: dir,
    clock: createSystemClock(),
    onProgress: note,
  });
}
