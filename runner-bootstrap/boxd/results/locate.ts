/** From what a failure says of its place to a file of the work tree. */

import { lstatSync, realpathSync } from "node:fs";
import { isAbsolute, join, normalize, relative } from "node:path";

import type { WrittenPlace } from "./places-in-text.ts";
import { placesInText } from "./places-in-text.ts";
import type { ToldFailure } from "./result-sink.ts";

export type Place = { readonly path: string; readonly line?: number };

/** Looks at the disk for one task's results, all told; a look takes some 3 µs. */
const LOOKS_MAX = 50_000;
const PATH_MAX = 1_000;
/** Folders above the file of results in which its relative paths may begin. */
const ABOVE_MAX = 6;
/** Code of others: a failure is shown where one's own code stands in its stack. */
const FOREIGN = /(?:^|\/)(?:\.git|node_modules|site-packages|dist-packages|\.venv|vendor|\.cargo)\//u;
/** Where the JVM's tools keep the sources of tests and what they test. */
const JVM_ROOTS = [
  "src/test/java",
  "src/test/kotlin",
  "src/main/java",
  "src/main/kotlin",
  "src/test/groovy",
  "src/test/scala",
];

export type Locator = (failure: ToldFailure, from?: string) => Place | undefined;

/**
 * Answers the first place of a failure's trace that is a regular file of `tree` (no link on its last name), else the file that it
 * names itself. `from`: the folder of the file of results, relative to `tree`.
 */
export function createLocator(tree: string): Locator {
  const known = new Map<string, boolean>();
  // A linked folder must not tell what is outside of the sandbox.
  const isWithin = (path: string): boolean =>
    realpathSync(join(tree, path)).startsWith(`${realpathSync(tree)}/`);
  const isFile = (path: string): boolean => {
    const before = known.get(path);
    if (before !== undefined) return before;
    if (known.size >= LOOKS_MAX) return false;
    const is = lstatSync(join(tree, path), { throwIfNoEntry: false })?.isFile() === true && isWithin(path);
    known.set(path, is);
    return is;
  };
  const find = (written: string, folders: readonly string[]): string | undefined => {
    for (const folder of isAbsolute(written) ? [""] : folders) {
      const path = isAbsolute(written)
        ? relative(tree, normalize(written))
        : normalize(join(folder, written));
      const isInside = path !== "" && !path.startsWith("..") && !isAbsolute(path) && path.length <= PATH_MAX;
      // A name with a NUL or a line feed is no place that anybody could be shown.
      if (isInside && !/\p{Cc}/u.test(path) && !FOREIGN.test(`/${path}`) && looks(isFile, path)) return path;
    }
    return undefined;
  };
  return (failure, from = "") => {
    const above = foldersAbove(from);
    for (const place of placesInText(failure.trace)) {
      const path = find(place.path, foldersOf(place, failure, above));
      if (path !== undefined) return { path, line: place.line };
    }
    const own = failure.file === undefined ? undefined : find(failure.file.replace(/^file:\/\//u, ""), above);
    if (own === undefined) return undefined;
    return failure.line === undefined ? { path: own } : { path: own, line: failure.line };
  };
}

/** A folder on the way may be a file, or a name too long: then nothing is there. */
function looks(isFile: (path: string) => boolean, path: string): boolean {
  try {
    return isFile(path);
  } catch {
    return false;
  }
}

function foldersOf(place: WrittenPlace, { scope }: ToldFailure, above: readonly string[]): readonly string[] {
  if (place.scope !== undefined) {
    const names = place.scope.split(/[./]/u);
    const first = names.findIndex((name) => /^\p{Lu}/u.test(name));
    const inside = names.slice(0, Math.max(0, first)).join("/");
    return above.flatMap((folder) => JVM_ROOTS.map((root) => join(folder, root, inside)));
  }
  if (scope === undefined || !scope.includes("/")) return above;
  // A Go package's path ends with its folder in the module.
  const parts = scope.split("/").slice(0, 20);
  const packages = parts.map((_, at) => parts.slice(at).join("/"));
  return [...packages, ...above];
}

function foldersAbove(from: string): readonly string[] {
  const parts = from === "" || from === "." ? [] : from.split("/");
  const folders = parts.map((_, at) => parts.slice(0, parts.length - at).join("/")).slice(0, ABOVE_MAX);
  // A path usually begins at the work tree, where the command does.
  return ["", ...folders];
}
