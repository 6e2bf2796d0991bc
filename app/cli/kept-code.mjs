// The command `job` as one file, made of the sources once and kept: 300 files are read as slowly as a whole short job runs. What is kept
// counts only while no source has changed. Plain JavaScript, as enter.mjs is.
import { accessSync, constants, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { replaceFile } from "./replace-file.mjs";

// An `import` of it loads all that it can name: 3 ms.
const { createHash } = createRequire(import.meta.url)("node:crypto");
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTRY = "main.ts";
const COMMAND = "job.ts";
/** A file that was kept before may be in the hands of a start that just looked it up. */
const OLD_MS = 3_600_000;
const INSTALLED = "node_modules/.package-lock.json";
/** CommonJS has no `import.meta`. */
const OWN_URL = `const ownUrl = require("node:url").pathToFileURL(__filename).href;`;

/** Beside the packages: who can write there can change the program anyway. Several checkouts may share them. */
export const KEPT_DIR = join(
  ROOT,
  "node_modules",
  ".cache",
  `crabbox-${createHash("sha256").update(ROOT).digest("hex").slice(0, 12)}`,
);

/** What this program found: it goes on with the code that it began with. */
let found = null;

/** The kept file's path; null when there is none, or when a source is not as it was. Never throws. */
export function keptCode(dir = KEPT_DIR) {
  if (found?.dir === dir) return found.path;
  try {
    const { name, sources } = JSON.parse(readFileSync(join(dir, "kept.json"), "utf8"));
    if (!sources.every(([path, mark]) => markOf(path) === mark)) return null;
    found = { dir, path: join(dir, name) };
    return found.path;
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
    banner: { js: OWN_URL },
    define: { "import.meta.url": "ownUrl" },
    bundle: true,
    platform: "node",
    target: "node24",
    // An `import` of Node's own modules has it load all that they can name, its WebSocket client too: 10 ms.
    format: "cjs",
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    write: false,
  });
  const [{ contents, hash }] = outputFiles;
  // A third of the files are the packages'. npm writes its own list of what is installed anew whenever one changes.
  const own = Object.keys(metafile.inputs).filter((path) => !path.includes("node_modules/"));
  const inputs = ["package-lock.json", INSTALLED, ...own];
  const sources = inputs.map((path) => [join(ROOT, path), markOf(join(ROOT, path))]);
  // Changed while it was read: which of the two is in there nobody knows.
  if (sources.some(([path]) => statSync(path).mtimeMs >= began)) return;
  const name = `job-${hash.replaceAll(/\W/g, "")}.cjs`;
  replaceFile(join(dir, name), contents);
  replaceFile(join(dir, "kept.json"), JSON.stringify({ name, sources }));
  for (const other of readdirSync(dir))
    if (other !== name && statSync(join(dir, other)).mtimeMs < began - OLD_MS) rmSync(join(dir, other));
}

function markOf(path) {
  const { size, mtimeMs, ino } = statSync(path);
  return `${size} ${mtimeMs} ${ino}`;
}
