import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { connect, createServer } from "node:net";
import { z } from "zod";

import type { Server } from "node:net";

/** A live process on this machine answers in a millisecond; a stopped one never. */
const ANSWER_TIMEOUT_MS = 2_000;
const ANSWER_MAX_BYTES = 1_024;

/** How this version lays boxes out: 2 in places that come back, 1 by their refs (such a host says no number). */
export const HOST_LAYOUT = 2;

const answerSchema = z.object({
  pid: z.int().positive(),
  port: z.int().min(1).max(65_535).nullable(),
  layout: z.int().default(1),
});

/** The running host process: where it listens; null while it starts. */
export type HostAnswer = z.output<typeof answerSchema>;

/**
 * Holds the lock of `dir` until this process ends, however it ends: a socket in Linux's abstract namespace, which
 * the kernel frees. Who connects is answered by `answer`. Null when another process holds it.
 */
export function holdLock(dir: string, answer: () => HostAnswer): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.end(JSON.stringify(answer()));
    });
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(null);
      else reject(error);
    });
    server.listen({ path: lockName(dir) }, () => resolve(server));
  });
}

/** Asks the holder of the lock; null when nobody holds it, or holds it without answering. */
export function askHost(dir: string): Promise<HostAnswer | null> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect({ path: lockName(dir) });
    const done = () => {
      socket.destroy();
      resolve(parse(text));
    };
    socket.setTimeout(ANSWER_TIMEOUT_MS, done);
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      text += chunk;
      if (text.length > ANSWER_MAX_BYTES) done();
    });
    socket.once("end", done);
    socket.once("error", done);
  });
}

function parse(text: string): HostAnswer | null {
  if (text === "") return null;
  try {
    return answerSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Somebody else's socket under our name: nobody we could use.
    return null;
  }
}

function lockName(dir: string): string {
  return `\0crabbox-local-${createHash("sha256").update(realpathSync(dir)).digest("hex").slice(0, 32)}`;
}
