/** The supervisor's socket: alive means that it answers; it carries cancel, extend and token. */

import { createServer } from "node:net";
import type { Server } from "node:net";

import { withSocketPath } from "./layout.ts";
import { createLineReader } from "./lines.ts";

export type Control =
  | { readonly op: "cancel"; readonly by: string }
  | { readonly op: "extend"; readonly deadlineAt: number }
  | { readonly op: "token"; readonly token: string };

/** A token may be long; nothing else comes near. */
export const CONTROL_LINE_MAX_BYTES = 64 * 1024;

/** Listens on `dir/sock`, mode 0700 by the directory. Answers each line with `{"ok":true}` or a refusal. */
export async function listenControl(dir: string, onControl: (control: Control) => void): Promise<Server> {
  const server = createServer((socket) => {
    // A follower that is killed resets its connection; that is no concern of ours.
    socket.on("error", () => socket.destroy());
    const lines = createLineReader(CONTROL_LINE_MAX_BYTES, (line) => {
      const control = line === undefined ? undefined : parseControl(line);
      if (control !== undefined) onControl(control);
      socket.write(`${JSON.stringify({ ok: control !== undefined })}\n`);
      if (line === undefined) socket.destroy();
    });
    socket.on("data", (chunk) => lines.push(chunk));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    withSocketPath(dir, (path) => server.listen(path, resolve));
  });
  return server;
}

/** A control message, or undefined when it is none. */
export function parseControl(line: string): Control | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined; // Not JSON: refused like any other wrong message.
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { op, by, deadlineAt, token } = value as Record<string, unknown>;
  if (op === "cancel") return { op, by: typeof by === "string" ? by : "" };
  if (op === "extend" && typeof deadlineAt === "number" && Number.isSafeInteger(deadlineAt))
    return { op, deadlineAt };
  if (op === "token" && typeof token === "string" && !/[\r\n\0]/.test(token)) return { op, token };
  return undefined;
}
