import type { IncomingMessage } from "node:http";
import { networkInterfaces } from "node:os";
import type { World } from "../world.ts";

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/**
 * Whether a request comes from this very machine. Signing in asks for no password, and what a signed-in person writes may run commands:
 * so only the one at the keyboard may.
 */
export function isFromHere(request: IncomingMessage): boolean {
  const { remoteAddress = "", localAddress } = request.socket;
  return LOOPBACK.has(remoteAddress) || remoteAddress === localAddress || isOwn(remoteAddress);
}

/** Docker's address translation gives what this machine says to its bridge another of this machine's own addresses. */
function isOwn(remoteAddress: string): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    all?.some(({ address }) => address === remoteAddress),
  );
}

/** Whether the browser means us by name: a foreign name that was made to lead here (DNS rebinding) is refused. */
export function isOurName(world: World, request: IncomingMessage): boolean {
  const asked = request.headers.host ?? "";
  const port = request.socket.localPort ?? 0;
  const names = [new URL(world.origin()).host, `127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  return names.includes(asked);
}
