import { createHash, timingSafeEqual } from "node:crypto";

/** What a pinned key looks like: OpenSSH's own spelling, 32 bytes in base64 without padding. */
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/;

/** OpenSSH's fingerprint of a raw public host key: `SHA256:` and base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash("sha256").update(key).digest("base64").replaceAll("=", "")}`;
}

/** Whether two fingerprints are the same, in constant time; a malformed one equals nothing. */
export function sameFingerprint(a: string, b: string): boolean {
  if (!FINGERPRINT.test(a) || !FINGERPRINT.test(b)) return false;
  return timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
