import { createHmac, timingSafeEqual } from "node:crypto";

/** What every form of a session carries: only pages that this session was shown can know it. */
export function csrfToken(sessionToken: string): string {
  return createHmac("sha256", sessionToken).update("csrf").digest("base64url");
}

/**
 * Whether a form was sent by one of our own pages in this session: the token fits, and the browser, where it says so, names our origin.
 */
export function isOwnForm(
  sessionToken: string,
  given: unknown,
  headers: { readonly origin?: string | undefined },
  publicUrl: string,
): boolean {
  if (headers.origin !== undefined && headers.origin !== new URL(publicUrl).origin) return false;
  const right = Buffer.from(csrfToken(sessionToken));
  const said = Buffer.from(typeof given === "string" ? given : "");
  return said.length === right.length && timingSafeEqual(said, right);
}
