import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { AppError } from "../errors.ts";
import { storePath } from "../state-dir.ts";

/** Throws `not_found` where there is no database: a wrong directory is told, and nothing is made in it that the App's user could not open. */
export function requireStore(stateDir: string): void {
  if (existsSync(storePath(stateDir))) return;
  throw new AppError(
    "not_found",
    `There is no database in ${resolve(stateDir)}.`,
    "Check stateDir in the settings file.",
  );
}
