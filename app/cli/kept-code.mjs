// The command `job` as one file, made of the sources once and kept: 300 files are read as slowly as a whole short job runs. What is kept
// counts only while no source has changed. Plain JavaScript, as enter.mjs is.
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = "main.ts";
const COMMAND = "job.ts";
/** A file that was kept before may be in the hands of a start that just looked it up. */
const OLD_MS = 3_600_000;
/** Packages that are CommonJS ask for Node's own modules by it. */
const REQUIRE = `import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);`;

/** Beside the packages: who can write there can change the program anyway. Several checkouts may share them. */
export const KEPT_DIR = join(
  ROOT,
  "node_modules",
  ".cache",
  `crabbox-${createHash("sha256").update(ROOT).digest("hex").slice(0, 12)}`,
);

/** The kept file's path; null when there is none, or when a source is not as it was. Never throws. */
export function keptCode(dir = KEPT_DIR) {
  try {
    const { name, sources } = JSON.parse(readFileSync(join(dir, "kept.json"), "utf8"));
    return sources.every(([path, mark]) => markOf(path) === mark) ? join(dir, name) : null;
  } catch {
    // Not there yet, or a source is gone.
    return null;
  }
}

/** Makes it. Safe to repeat, and for several at once. Throws where `dir` cannot be written, or what esbuild throws. */
export async function keepCode(dir = KEPT_DIR) {
  // First, so that an installation that nobody may write to pays for nothing.
  mkdirSync(dir, { recursive: true });
  accessSync(dir, constants.W_OK);
  const { build } = await import("esbuild");
  // The root also names the other commands; the kept file is only ever used for this one.
  const others = readdirSync(HERE).filter(
    (name) => name.endsWith(".ts") && name !== ENTRY && name !== COMMAND,
  );
  const began = performance.timeOrigin + performance.now();
  const { metafile, outputFiles } = await build({
    entryPoints: [join(HERE, ENTRY)],
    absWorkingDir: ROOT,
    external: others.map((name) => join(HERE, name)),
    banner: { js: REQUIRE },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    write: false,
  });
  const [{ contents, hash }] = outputFiles;
  const inputs = ["package-lock.json", ...Object.keys(metafile.inputs)];
  const sources = inputs.map((path) => [join(ROOT, path), markOf(join(ROOT, path))]);
  // Changed while it was read: which of the two is in there nobody knows.
  if (sources.some(([path]) => statSync(path).mtimeMs >= began)) return;
  const name = `job-${hash.replaceAll(/\W/g, "")}.mjs`;
  replace(join(dir, name), contents);
  replace(join(dir, "kept.json"), JSON.stringify({ name, sources }));
  for (const other of readdirSync(dir))
    if (other !== name && statSync(join(dir, other)).mtimeMs < began - OLD_MS) rmSync(join(dir, other));
}

function markOf(path) {
  const { size, mtimeMs, ino } = statSync(path);
  return `${size} ${mtimeMs} ${ino}`;
}

function replace(path, contents) {
  const own = `${path}.${process.pid}`;
  writeFileSync(own, contents);
  renameSync(own, path);
}
