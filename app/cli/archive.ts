import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { AppError } from "../errors.ts";

/** What of a state directory belongs to a process, boxes, which live and die with their machine, and what is made anew. The database is copied apart. */
const LEFT_OUT = [
  "./crabbox.sqlite*",
  "./lock.sqlite*",
  "./holder.json*",
  "./admin.sock",
  "./url",
  "./programs",
  "./caches",
  "./*/boxes",
] as const;
/** GNU tar's word for a file that grew while it was read: logs do, and what is missing comes again from the box. */
const CHANGED_MEANWHILE = 1;
const ERROR_CHARACTERS_MAX = 2_000;

/** Writes a tar archive (gzip) of a state directory that may be in use; the database comes from `copies`, where a finished copy lies. */
export async function pack(file: string, stateDir: string, copies: string): Promise<void> {
  const excluded = LEFT_OUT.map((pattern) => `--exclude=${pattern}`);
  await tar(
    ["-czf", file, "--anchored", ...excluded, "-C", stateDir, ".", "-C", copies, "crabbox.sqlite"],
    [0, CHANGED_MEANWHILE],
  );
}

/** Unpacks an archive that `pack` made into an empty directory. Tar itself refuses names that lead out of it. */
export async function unpack(file: string, into: string): Promise<void> {
  await tar(["-xzf", file, "--no-same-owner", "--keep-old-files", "-C", into], [0]);
}

async function tar(args: readonly string[], fine: readonly number[]): Promise<void> {
  const child = spawn("tar", args, { stdio: ["ignore", "ignore", "pipe"] });
  const said = text(child.stderr);
  const ended = once(child, "close");
  let code: unknown;
  try {
    [code] = await ended;
  } catch (thrown) {
    throw new AppError("bad_request", "tar could not be started.", "Install GNU tar.", thrown);
  }
  if (typeof code === "number" && fine.includes(code)) return;
  throw new AppError(
    "bad_request",
    `tar failed: ${(await said).trim().slice(0, ERROR_CHARACTERS_MAX)}`,
    "Check the path, its permissions, and that the disk has room.",
  );
}
