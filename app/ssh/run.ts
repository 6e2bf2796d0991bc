import { AppError } from "../errors.ts";

import type { SshConnection } from "./connect.ts";

/** A command that only looks answers at once; others say how long they may take. */
const TIMEOUT_MS = 60_000;
const OUTPUT_MAX_BYTES = 1024 * 1024;

export type RunOptions = { readonly stdin?: Buffer; readonly timeoutMs?: number };

/** Runs a command to its end; output over 1 MiB is cut. Throws link_lost; a signal's death is code 255. */
export async function run(
  connection: SshConnection,
  command: string,
  options: RunOptions = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const exec = await connection.exec(command, {
    signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
  });
  exec.stdin.end(options.stdin ?? "");
  const chunks: Buffer[] = [];
  let size = 0;
  exec.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= OUTPUT_MAX_BYTES) chunks.push(chunk);
  });
  const exit = await exec.exit;
  if (exit.kind === "lost")
    throw new AppError("link_lost", "The link ended in the middle of a command.", "It is tried again.");
  return {
    code: exit.kind === "code" ? exit.code : 255,
    stdout: Buffer.concat(chunks).toString("utf8"),
    stderr: exec.stderr(),
  };
}
