// Makes a fresh clone runnable: installs the locked packages once, with progress. Plain JavaScript, because it runs before anything
// is installed, on any Node from 20 on. Safe to repeat: when the lock file has not changed it does nothing.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));
const OLDEST_NODE = 20;
const COMPILER = ["python3", "make", "g++"];
const PROGRESS_MS = 15_000;
/** Two installations at once break each other; who holds this file installs. */
const LOCK = join(ROOT, ".crabbox-installing");
const LOCK_POLL_MS = 500;

/** Node 24 from the locked packages: what the product's own TypeScript runs on. */
export const NODE = join(ROOT, "node_modules", ".bin", "node");

/**
 * Installs what package-lock.json locks, unless that has been done. Says on stderr what it does; throws nothing, but exits on failure.
 * With `dev: false` an installation by `npm ci --omit=dev`, as an image has it, is enough.
 */
export async function ensureInstalled({ dev = true } = {}) {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < OLDEST_NODE) fail(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}.`);
  if (isInstalled(dev)) return;
  await lock();
  process.once("exit", () => rmSync(LOCK, { force: true }));
  if (isInstalled(dev)) return unlock();
  say("Installing the locked packages (once; the store's driver may be compiled, about two minutes) ...");
  const { code, output } = await npmCi();
  if (code !== 0) {
    const advice = compilerAdvice();
    if (advice !== null) say(advice);
    process.stderr.write(output);
    fail("The packages could not be installed; npm's own words are above.");
  }
  unlock();
}

/** Waits for another start that installs; one that died is not waited for. */
async function lock() {
  const mine = `${LOCK}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  for (let waited = false; ; waited = true) {
    try {
      linkSync(mine, LOCK);
      rmSync(mine);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!waited) say("Another start is installing; waiting for it ...");
    if (!isAlive(holderOf())) rmSync(LOCK, { force: true });
    await sleep(LOCK_POLL_MS);
  }
}

function unlock() {
  rmSync(LOCK, { force: true });
}

function holderOf() {
  try {
    return Number(readFileSync(LOCK, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** One line saying what is missing to compile sqlite3, or null when nothing is. */
export function compilerAdvice() {
  const missing = COMPILER.filter((tool) => spawnSync(tool, ["--version"], { stdio: "ignore" }).status !== 0);
  if (missing.length === 0) return null;
  return `sqlite3 is fetched ready-made from github.com, or compiled here; to compile it install ${missing.join(", ")} (Debian, Ubuntu: apt-get install -y python3 make g++).`;
}

/** npm writes down what it installed; whoever ran it, that must be what is locked. Other platforms' packages are not installed here. */
function isInstalled(dev) {
  const hidden = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(hidden) || !existsSync(NODE)) return false;
  const installed = JSON.parse(readFileSync(hidden, "utf8")).packages;
  const locked = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  return Object.entries(locked).every(
    ([path, wanted]) =>
      path === "" ||
      wanted.optional === true ||
      (!dev && wanted.dev === true) ||
      installed[path]?.version === wanted.version,
  );
}

async function npmCi() {
  const started = Date.now();
  const script = process.env.npm_execpath;
  const [command, prefix] = script === undefined ? ["npm", []] : [process.execPath, [script]];
  const child = spawn(command, [...prefix, "ci", "--no-audit", "--no-fund"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const chunks = [];
  child.stdout.on("data", (chunk) => chunks.push(chunk));
  child.stderr.on("data", (chunk) => chunks.push(chunk));
  const timer = setInterval(
    () => say(`  ... still installing, ${Math.round((Date.now() - started) / 1000)} s`),
    PROGRESS_MS,
  );
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      chunks.push(Buffer.from(`${error.message}\n`));
      resolve(1);
    });
    child.on("close", resolve);
  });
  clearInterval(timer);
  if (code === 0) say(`  installed in ${Math.round((Date.now() - started) / 1000)} s`);
  return { code, output: Buffer.concat(chunks).toString("utf8") };
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function fail(text) {
  say(text);
  process.exit(1);
}

// `npm install` without our wrapper: the advice comes before npm's wall of text.
if (process.argv[2] === "--advise") {
  const advice = compilerAdvice();
  if (advice !== null) say(advice);
}
