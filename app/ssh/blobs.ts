import { createHash } from "node:crypto";
import { pipeline } from "node:stream/promises";
import { Transform } from "node:stream";

import { AppError } from "../errors.ts";
import { FRONT_EXIT } from "../../runner-bootstrap/boxd/task.ts";

import type { Readable, Writable } from "node:stream";
import type { SshExit, SshExec } from "./exec.ts";

/** How sending or fetching a blob ended. */
export type BlobEnd = "done" | "absent" | "not_installed";

/** Sends a blob; boxd keeps it only when its hash is right. Throws box_full, link_lost, task_refused. */
export async function sendBlob(exec: SshExec, source: Readable): Promise<BlobEnd> {
  exec.stdout.resume();
  // A box that refuses early closes its end: its exit says why.
  await pipeline(source, exec.stdin).catch(() => source.destroy());
  return endOf(await exec.exit, exec);
}

/** Fetches a blob into `target`, hashing it again: what the box sends is not what it says. Throws box_lied, link_lost, and the signal's reason. */
export async function receiveBlob(
  exec: SshExec,
  sha256: string,
  maxBytes: number,
  target: Writable,
  signal: AbortSignal,
): Promise<BlobEnd> {
  const hash = createHash("sha256");
  let size = 0;
  const check = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      if (size <= maxBytes) done(null, chunk);
      else done(new AppError("box_lied", `The box sent more than ${maxBytes} bytes.`, "End the box."));
    },
  });
  const letGo = (): void => exec.close();
  signal.addEventListener("abort", letGo, { once: true });
  try {
    signal.throwIfAborted();
    // Not the channel itself in the pipeline: destroyed half-read it would wait for an end that never comes.
    exec.stdout.pipe(check);
    await pipeline(check, target, { signal });
    await exec.exit;
    signal.throwIfAborted();
  } catch (error) {
    exec.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", letGo);
  }
  const end = endOf(await exec.exit, exec);
  if (end === "done" && hash.digest("hex") !== sha256) {
    throw new AppError(
      "box_lied",
      `The box sent another content than asked for (${size} bytes).`,
      "End the box: it is not to be trusted.",
    );
  }
  return end;
}

function endOf(exit: SshExit, exec: SshExec): BlobEnd {
  if (exit.kind !== "code")
    throw new AppError("link_lost", "The link ended in the middle of a blob.", "It is sent again.");
  switch (exit.code) {
    case FRONT_EXIT.complete:
      return "done";
    case FRONT_EXIT.notThere:
      return "absent";
    case FRONT_EXIT.notInstalled:
      return "not_installed";
    case FRONT_EXIT.diskFull:
      throw new AppError("box_full", "The box has no space for the blob.", "Free space on the box.");
    default:
      throw new AppError(
        "task_refused",
        `boxd refused the blob: ${exec.stderr().trim().slice(0, 500)}`,
        "See the App's log.",
      );
  }
}
