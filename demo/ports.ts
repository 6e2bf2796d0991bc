import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DemoError } from "./demo-error.ts";

/** A port of loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await listen(server, 0);
  const address = server.address();
  await close(server);
  if (address === null || typeof address === "string") throw new DemoError("No port is free.", "Try again.");
  return address.port;
}

/** A demo that was killed leaves its processes to a guard, which gives the App time to drain. */
const FREE_WITHIN_MS = 25_000;
const POLL_MS = 200;

/** Waits for a port; throws `DemoError` when somebody else listens where an earlier demo did: the links it gave out name that port. */
export async function demandFree(port: number, what: string): Promise<void> {
  for (const until = Date.now() + FREE_WITHIN_MS; ; await sleep(POLL_MS)) {
    if (await isFree(port)) return;
    if (Date.now() < until) continue;
    throw new DemoError(
      `Port ${port}, which ${what} of this state directory uses, is taken.`,
      "End the program that has it (an earlier demo on the same directory?), or use another --state.",
    );
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await listen(server, port);
  } catch {
    // Taken, or not ours to take: the caller's question is answered.
    return false;
  }
  await close(server);
  return true;
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  return new Promise((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", done);
  });
}

function close(server: ReturnType<typeof createServer>): Promise<unknown> {
  return new Promise((done) => {
    server.close(done);
  });
}
