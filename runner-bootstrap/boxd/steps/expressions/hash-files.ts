/** `hashFiles`: actions/runner src/Misc/expressionFunc/hashFiles and HashFilesFunction.cs, over the search of @actions/glob. */

import { createHash } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import { join, resolve } from "node:path";

import { namesOfPath, readPatterns } from "./glob-pattern.ts";

/** Longest search, GitHub's own (HashFilesFunction.cs, _hashFileTimeoutSeconds). */
const HASH_FILES_MAX_MS = 120_000;

/** Read at a time. */
const CHUNK_BYTES = 1024 * 1024;

/** The one option there is, in the place of the first pattern. */
const FOLLOW_LINKS = "--follow-symbolic-links";

/** `hashFiles` cannot answer; the message is for people. Bad patterns throw PatternError, an unreadable file what node:fs throws. */
export class HashFilesError extends Error {}

type Search = {
  readonly root: string;
  readonly realRoot: string;
  readonly followsLinks: boolean;
  /** Throws when the time is over. */
  readonly checkTime: () => void;
};

/**
 * SHA-256 in hex over the SHA-256 digests of all files that the patterns choose, in the order of the search; empty text when there is
 * none. Only regular files whose real place is in the workspace count: unlike GitHub, a link that leads out of it is passed over.
 * Blocks while it reads, at most two minutes. Safe to repeat.
 */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const [option = ""] = patterns;
  const hasOption = option.startsWith("--");
  const followsLinks = option.toLowerCase() === FOLLOW_LINKS;
  if (hasOption && !followsLinks)
    throw new HashFilesError(
      `hashFiles: unknown option ${option.slice(0, 100)}; the only one is ${FOLLOW_LINKS}`,
    );
  const until = performance.now() + HASH_FILES_MAX_MS;
  const checkTime = (): void => {
    if (performance.now() > until)
      throw new HashFilesError(
        `hashFiles: not done after ${HASH_FILES_MAX_MS / 1000} s; use narrower patterns`,
      );
  };
  const root = resolve(workspace);
  const search = { root, realRoot: realpathSync(root), followsLinks, checkTime };
  const all = createHash("sha256");
  let count = 0;
  for (const file of chosenFiles(search, hasOption ? patterns.slice(1) : patterns)) {
    all.update(digestOf(file, checkTime));
    count += 1;
  }
  return count === 0 ? "" : all.digest("hex");
}

function* chosenFiles(search: Search, lines: readonly string[]): Generator<string> {
  const patterns = readPatterns(lines, search.root);
  // What is neither in the workspace nor above it cannot lead to a file that counts.
  const stack = patterns.searchPaths
    .filter((path) => isBelow(path, search.root) || isBelow(search.root, path))
    .filter((path) => existsSync(path))
    .reverse()
    .map((path) => ({ path, above: [] as readonly string[] }));
  for (let item = stack.pop(); item !== undefined; item = stack.pop()) {
    search.checkTime();
    const { path, above } = item;
    const isInside = isBelow(path, search.root);
    if (!isInside && !isBelow(search.root, path)) continue;
    const names = namesOfPath(path);
    const stats = search.followsLinks && existsSync(path) ? statSync(path) : lstatSync(path);
    if (stats.isDirectory()) {
      if (!patterns.mayHold(names)) continue;
      const real = search.followsLinks ? realpathSync(path) : path;
      if (above.includes(real)) continue;
      // Names come in the order of their bytes, on GitHub too: libuv sorts them.
      const children = readdirSync(path).map((name) => ({ path: join(path, name), above: [...above, real] }));
      stack.push(...children.reverse());
    } else if (isInside && patterns.chooses(names) && isRegularInside(path, search)) yield path;
  }
}

function isRegularInside(path: string, { realRoot, followsLinks }: Search): boolean {
  // With links followed GitHub leaves out broken ones; otherwise it fails at them, as this does.
  if (followsLinks && !existsSync(path)) return false;
  return statSync(path).isFile() && isBelow(realpathSync(path), realRoot);
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory === "/" ? "/" : `${directory}/`);
}

function digestOf(path: string, checkTime: () => void): Buffer {
  const hash = createHash("sha256");
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  // Without waiting: were it a pipe by now, reading would never end.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    for (let read = readSync(file, chunk); read > 0; read = readSync(file, chunk)) {
      hash.update(chunk.subarray(0, read));
      checkTime();
    }
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
