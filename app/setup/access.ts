import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";

/** What a request tells of where it comes from. */
export type Origin = {
  /** The peer's address, of the connection itself. */
  readonly remoteAddress: string;
  /** The Host header. */
  readonly host: string;
  /** Any header by which a proxy says that it stands between. */
  readonly proxied: boolean;
  /** The token of the address, or of the cookie it was exchanged for; null when there is none. */
  readonly token: string | null;
};

/**
 * Whether this request may set the App up: it comes from this very machine and by no proxy, under a name that means this machine (another name
 * would be a stranger's page that had its name resolved to loopback), or it carries the token that the console shows.
 */
export function maySetUp(request: Origin, consoleToken: string): boolean {
  if (request.token !== null && isEqual(request.token, consoleToken)) return true;
  return isLoopback(request.remoteAddress) && !request.proxied && namesLoopback(request.host);
}

function namesLoopback(host: string): boolean {
  const name = host.startsWith("[") ? host.slice(1, host.indexOf("]")) : (host.split(":")[0] ?? "");
  return name === "localhost" || (isIP(name) !== 0 && isLoopback(name));
}

function isLoopback(address: string): boolean {
  const plain = address.startsWith("::ffff:") ? address.slice("::ffff:".length) : address;
  return plain === "::1" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** In constant time, whatever the lengths. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
