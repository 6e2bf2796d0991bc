/** FIFOs for output: `/dev/stdout` works in the command, both streams keep their order, the end is the last writer's. */

import { execFile, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { removeFile } from "./once.ts";

/** Both ends of a FIFO that no longer has a name. */
export type Fifo = { readonly readFd: number; readonly writeFd: number };

export type FifoReader = {
  /** Resolves when the last writer is gone and all was handed on. */
  readonly ended: Promise<void>;
  /** Stops reading, whoever still writes. */
  destroy(): void;
};

/** A pipe's size on Linux. */
const READ_BYTES = 64 * 1024;

/**
 * Makes `count` FIFOs with one child process. Mode 622: a command that changes its user can still open `/dev/stdout`
 * again. They are opened at both ends and then lose their names.
 */
export function makeFifos(dir: string, count: number): Fifo[] {
  const paths = newPaths(dir, count);
  const made = spawnSync("mkfifo", ["-m", "622", ...paths], { stdio: ["ignore", "ignore", "pipe"] });
  if (made.status !== 0)
    throw new Error(`mkfifo failed: ${String(made.stderr).trim() || String(made.error)}`);
  return paths.map(opened);
}

/** As `makeFifos`, with nobody waiting for the child process. */
export async function makeFifosAhead(dir: string, count: number): Promise<Fifo[]> {
  const paths = newPaths(dir, count);
  await promisify(execFile)("mkfifo", ["-m", "622", ...paths]);
  return paths.map(opened);
}

/** Reads until the last writer is gone. `onData` gets a view that is only good during the call. */
export function readFifo(fifo: Fifo, onData: (bytes: Buffer) => void): FifoReader {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  const socket = new Socket({
    fd: fifo.readFd,
    readable: true,
    writable: false,
    onread: {
      buffer,
      callback: (length: number) => {
        onData(buffer.subarray(0, length));
        return true;
      },
    },
  });
  socket.once("end", () => resolve());
  socket.once("error", () => resolve());
  socket.once("close", () => resolve());
  socket.resume();
  return { ended: promise, destroy: () => socket.destroy() };
}

/** Closes boxd's own write end, after the child has it. */
export function closeWriteEnd(fifo: Fifo): void {
  closeSync(fifo.writeFd);
}

function newPaths(dir: string, count: number): readonly string[] {
  return Array.from({ length: count }, () => join(dir, `${process.pid}-${randomBytes(6).toString("hex")}`));
}

function opened(path: string): Fifo {
  const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeFd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  removeFile(path);
  return { readFd, writeFd };
}
