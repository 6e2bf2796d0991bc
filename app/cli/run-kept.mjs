// Runs the command's kept code, with what V8 made of it the last time: the functions that a job calls, compiled. Node's own compile
// cache has only those that are there when a file has just been read, and the others take 15 ms of a short job.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { replaceFile } from "./replace-file.mjs";

/** Runs it to the command's end. What V8 made is kept beside it, after a command that succeeded; where nothing can be written it is not. */
export async function runKept(path) {
  // The bundle is ASCII, and its name is the hash of what is in it: V8 compares no more of a source than its length.
  const source = readFileSync(path, "latin1");
  const compiled = `${path}.v8`;
  const cachedData = readIfThere(compiled);
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: path,
    ...(cachedData === null ? {} : { cachedData }),
  });
  const own = { exports: {} };
  script.runInThisContext()(own.exports, createRequire(path), own, path, dirname(path));
  await own.exports.ended;
  if (cachedData !== null && script.cachedDataRejected !== true) return;
  // A command that failed, or `--help`, has not called most of it.
  if (process.exitCode !== 0 || process.argv.includes("--help") || process.argv.includes("-h")) return;
  try {
    replaceFile(compiled, script.createCachedData());
  } catch {
    // Another user's installation.
  }
}

/**
 * Ends this process after a command that succeeded, once all that it wrote is with its reader: to take Node down in order would be 8 ms.
 * After one that failed, Node ends by itself.
 */
export async function endNow() {
  if (process.exitCode !== 0) return;
  // Called when what was written before is written, or when nobody reads any longer.
  await new Promise((resolve) => process.stdout.write("", resolve));
  process.exit();
}

function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch {
    return null;
  }
}
