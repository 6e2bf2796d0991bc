import { statfsSync, statSync } from "node:fs";
import type { Settings } from "../settings.ts";
import { inspectStore } from "../store/inspect.ts";
import { storePath } from "../state-dir.ts";
import { fault, ok, type Finding } from "./finding.ts";

/** Room for a run's log at its default cap, its copy in the database's WAL and some days of deliveries. */
const FREE_BYTES_MIN = 1024 ** 3;
const OTHERS = 0o077;
const GIBIBYTE = 1024 ** 3;

/** The state directory: there, private, with room. Changes nothing. */
export async function lookAtState({ stateDir }: Pick<Settings, "stateDir">): Promise<readonly Finding[]> {
  const stats = statSync(stateDir, { throwIfNoEntry: false });
  if (stats === undefined) {
    return [ok("state", `${stateDir} is not there yet; the first start makes it.`)];
  }
  if (!stats.isDirectory()) {
    return [
      fault("state", `${stateDir} is no directory.`, "Name another one as `stateDir` in the settings file."),
    ];
  }
  const found: Finding[] = [];
  if (stats.uid !== process.getuid?.() && process.getuid?.() !== 0) {
    found.push(
      fault(
        "state",
        `${stateDir} belongs to another user (uid ${stats.uid}).`,
        `Run this as the App's user, or give it the directory: chown -R "$(id -u)" ${stateDir}`,
      ),
    );
  }
  if ((stats.mode & OTHERS) !== 0) {
    found.push(
      fault("state", `${stateDir} is open to other users.`, `Close it: chmod 700 ${stateDir}`, "warn"),
    );
  }
  const { bavail, bsize } = statfsSync(stateDir);
  const free = bavail * bsize;
  const text = `${(free / GIBIBYTE).toFixed(1)} GiB are free on the disk of ${stateDir}.`;
  found.push(
    free < FREE_BYTES_MIN
      ? fault(
          "state",
          text,
          "Free space, grow the disk, or lower logs.keep and logs.cap in the settings file.",
        )
      : ok("state", text),
  );
  return found;
}

/** The database: whole, and of a version that this App knows. Reads only, so that an App may be running. */
export async function lookAtStore({ stateDir }: Pick<Settings, "stateDir">): Promise<readonly Finding[]> {
  const path = storePath(stateDir);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    return [ok("store", "There is no database yet; the first start makes it.")];
  }
  const { damage, unknown, pending } = await inspectStore(path);
  if (damage !== null) {
    return [
      fault(
        "store",
        `The database is damaged: ${damage}`,
        "Stop the App, keep the damaged file (with -wal and -shm), and restore the last backup in its place.",
      ),
    ];
  }
  if (unknown.length > 0) {
    return [
      fault(
        "store",
        `The database was written by a newer version of the App (${unknown.join(", ")}).`,
        `Start that version again, or restore the copy made before the upgrade (${path}.before-...).`,
      ),
    ];
  }
  if (pending.length > 0)
    return [ok("store", `The database is whole; the next start upgrades it (${pending.join(", ")}).`)];
  return [ok("store", "The database is whole and up to date.")];
}
