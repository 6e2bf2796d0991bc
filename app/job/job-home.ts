import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, normalize } from "node:path";
import { AppError } from "../errors.ts";

/** What lets a step find tools that a person has installed below their home: where they are, and the name that says so. */
const TOOL_HOMES = [
  ["RUSTUP_HOME", ".rustup"],
  ["PYENV_ROOT", ".pyenv"],
  ["RBENV_ROOT", ".rbenv"],
  ["VOLTA_HOME", ".volta"],
  ["ASDF_DATA_DIR", ".asdf"],
  ["MISE_DATA_DIR", ".local/share/mise"],
] as const;
const OWNER_MAY = 0o700;

/** Where the tools of a person's home are, for steps that have another one. What somebody named is left as it is. */
export function toolHomes(own: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const person = homeOf(own);
  const found = TOOL_HOMES.filter(([name, dir]) => own[name] === undefined && existsSync(join(person, dir)));
  return Object.fromEntries(found.map(([name, dir]) => [name, join(person, dir)]));
}

/**
 * The files of the person's home that are asked for, checked before anything runs: relative, there, and below it. Throws `AppError`.
 */
export function checkHomeFiles(own: NodeJS.ProcessEnv, files: readonly string[]): void {
  const person = homeOf(own);
  for (const file of files) {
    const path = normalize(file);
    if (isAbsolute(file) || path === "." || path === ".." || path.startsWith("../"))
      throw new AppError(
        "bad_request",
        `--home-file ${file}: not a path below your home.`,
        "Write it as from there: --home-file .npmrc, --home-file .config/pip.",
      );
    if (!existsSync(join(person, path)))
      throw new AppError(
        "bad_request",
        `--home-file ${file}: ${join(person, path)} is not there.`,
        "Leave it out, or name one that is.",
      );
  }
}

/** A home for one job at `dir`: empty but for copies of those files; links in them are followed, so that none leads back. */
export function makeJobHome(dir: string, own: NodeJS.ProcessEnv, files: readonly string[]): string {
  mkdirSync(dir, { recursive: true, mode: OWNER_MAY });
  for (const file of files) {
    const path = normalize(file);
    mkdirSync(dirname(join(dir, path)), { recursive: true, mode: OWNER_MAY });
    cpSync(join(homeOf(own), path), join(dir, path), { recursive: true, dereference: true });
  }
  return dir;
}

/** Removes a job's directory, folders that steps made unwritable (Go's module cache is) included. Safe to repeat; throws as `rm`. */
export function removeJobDir(dir: string): void {
  const how = { recursive: true, force: true, maxRetries: 3 };
  // Not by promises: one call after the other through Node's threads takes ten times as long, and nothing else is to be done.
  try {
    rmSync(dir, how);
  } catch {
    openFolders(dir);
    rmSync(dir, how);
  }
}

function openFolders(dir: string): void {
  chmodSync(dir, OWNER_MAY);
  for (const name of readdirSync(dir)) {
    const path = join(dir, name);
    if (lstatSync(path).isDirectory()) openFolders(path);
  }
}

function homeOf(own: NodeJS.ProcessEnv): string {
  return own["HOME"] ?? homedir();
}
