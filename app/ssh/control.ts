import { z } from "zod";

import { AppError } from "../errors.ts";
import { FRONT_EXIT } from "../../runner-bootstrap/boxd/task.ts";

import type { SshConnection } from "./connect.ts";
import type { SshExec } from "./exec.ts";

/** A question to boxd takes tens of milliseconds; `settle` ends processes (10 s grace, then verifies). */
const TIMEOUT_MS = 60_000;
/** `status` of 10,000 tasks. */
const ANSWER_MAX_BYTES = 2 * 1024 * 1024;

/** What boxd answered, or that it is not installed. */
export type Answer = { readonly kind: "answer"; readonly text: string } | { readonly kind: "not_installed" };

/**
 * Asks boxd one question: a line on stdin, a line on stdout, an end. Bounded in time: a box that does not answer is
 * `link_lost`. Throws task_refused and box_unusable as the front's exit codes say.
 */
export async function ask(connection: SshConnection, command: string, line: string): Promise<Answer> {
  const exec = await connection.exec(command, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  exec.stdin.end(line);
  const text = await readAll(exec);
  const exit = await exec.exit;
  if (exit.kind !== "code") {
    throw new AppError("link_lost", "The link ended before boxd had answered.", "It is asked again.");
  }
  if (exit.code === FRONT_EXIT.complete) return { kind: "answer", text };
  if (exit.code === FRONT_EXIT.notInstalled) return { kind: "not_installed" };
  throw new AppError(
    exit.code === FRONT_EXIT.refused ? "task_refused" : "box_unusable",
    `boxd ended with ${exit.code}: ${exec.stderr().trim().slice(0, 500)}`,
    "See the box's state; a new box may be needed.",
  );
}

/** An answer by its schema; anything else is a lie. */
export function parseAnswer<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new AppError(
      "box_lied",
      "The box gave an answer that fits no question.",
      "End the box: it is not to be trusted.",
      error,
    );
  }
}

/** Everything a command writes to stdout, bounded; a box that says more is lying. */
export async function readAll(exec: SshExec): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  exec.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= ANSWER_MAX_BYTES) chunks.push(chunk);
    else exec.close();
  });
  await exec.exit;
  if (size > ANSWER_MAX_BYTES) {
    throw new AppError(
      "box_lied",
      "The box gave an endless answer.",
      "End the box: it is not to be trusted.",
    );
  }
  return Buffer.concat(chunks).toString("utf8");
}
