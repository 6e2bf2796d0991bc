import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import { AppError } from "../errors.ts";
import { loadFileSettings } from "../settings.ts";
import { storePath } from "../state-dir.ts";
import { inspectStore } from "../store/inspect.ts";
import { unpack } from "./archive.ts";
import { oneWord } from "./one-word.ts";

const HELP = `Usage: npx crabbox-app restore FILE.tar.gz

Makes the state directory of the settings file from a backup. It must not be there yet, or be empty. What the database says is
checked before anything takes its place. Never start two Apps from one backup: each would end the other's boxes.
`;

/** `crabbox-app restore FILE`: 0 when the state directory is as it was; 2 for wrong arguments. Nothing is there when it fails. */
export async function restore(args: readonly string[]): Promise<number> {
  const asked = oneWord(args, HELP);
  if (typeof asked === "number") return asked;
  const file = resolve(asked.word);
  if (!existsSync(file)) throw new AppError("not_found", `There is no file ${file}.`, "Check the path.");
  const stateDir = resolve(loadFileSettings().stateDir);
  refuseUsed(stateDir);
  const fresh = `${stateDir}.restoring`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(dirname(stateDir), { recursive: true });
  mkdirSync(fresh, { mode: 0o700 });
  try {
    await unpack(file, fresh);
    chmodSync(fresh, 0o700);
    await refuseUnfit(fresh);
    if (existsSync(stateDir)) rmdirSync(stateDir);
    renameSync(fresh, stateDir);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  process.stdout.write(`${stateDir} is restored. Start the App: it finds what goes on and what is gone.\n`);
  return 0;
}

function refuseUsed(stateDir: string): void {
  const stats = statSync(stateDir, { throwIfNoEntry: false });
  if (stats === undefined || (stats.isDirectory() && readdirSync(stateDir).length === 0)) return;
  throw new AppError(
    "conflict",
    `${stateDir} is not empty.`,
    "Stop the App and move that directory away first; nothing of it is touched.",
  );
}

async function refuseUnfit(dir: string): Promise<void> {
  if (!existsSync(storePath(dir)))
    throw new AppError(
      "bad_request",
      "The file is no backup of a state directory.",
      "Name one that `crabbox-app backup` made.",
    );
  const { damage, unknown } = await inspectStore(storePath(dir));
  if (damage !== null)
    throw new AppError(
      "store_failed",
      `The database in the backup is damaged: ${damage}`,
      "Take an older backup.",
    );
  if (unknown.length > 0)
    throw new AppError(
      "store_failed",
      `The backup is of a newer version of the App (${unknown.join(", ")}).`,
      "Install that version, or a later one, and restore with it.",
    );
}
