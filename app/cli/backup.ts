import {
  chmodSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AppError } from "../errors.ts";
import { loadFileSettings } from "../settings.ts";
import { storePath } from "../state-dir.ts";
import { copyStore } from "../store/copy.ts";
import { pack } from "./archive.ts";
import { oneWord } from "./one-word.ts";
import { requireStore } from "./require-store.ts";

const HELP = `Usage: npx crabbox-app backup FILE.tar.gz

Writes everything of the state directory that is worth keeping into one file: the database as it is at one moment, logs, keys.
The App may be running. The file holds keys: it is made for its owner alone; keep it so.
`;
const MEBIBYTE = 1024 * 1024;

/** `crabbox-app backup FILE`: 0 when the file is there, whole; 2 for wrong arguments. Never replaces a file. */
export async function backup(args: readonly string[]): Promise<number> {
  const asked = oneWord(args, HELP);
  if (typeof asked === "number") return asked;
  const file = resolve(asked.word);
  const stateDir = resolve(loadFileSettings().stateDir);
  requireStore(stateDir);
  if (existsSync(file))
    throw new AppError("conflict", `${file} is there already.`, "Name a file that is not.");
  const partial = `${file}.partial`;
  makePrivate(partial);
  // Beside the target, where there must be room anyway.
  const copies = mkdtempSync(join(dirname(file), ".crabbox-backup-"));
  try {
    await copyStore(storePath(stateDir), join(copies, "crabbox.sqlite"));
    chmodSync(join(copies, "crabbox.sqlite"), 0o600);
    await pack(partial, stateDir, copies);
    renameSync(partial, file);
  } finally {
    rmSync(copies, { recursive: true, force: true });
    rmSync(partial, { force: true });
  }
  process.stdout.write(`${file} (${(statSync(file).size / MEBIBYTE).toFixed(1)} MiB)\n`);
  return 0;
}

function makePrivate(path: string): void {
  try {
    rmSync(path, { force: true });
    closeSync(openSync(path, "wx", 0o600));
  } catch (thrown) {
    throw new AppError(
      "bad_request",
      `${path} cannot be written.`,
      "Name a file in a directory that exists and that you may write in.",
      thrown,
    );
  }
}
