import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** An opaque token with a prefix, from randomness. */
export function mkToken(secret: string, purpose: string, prefix: string): string {
  const salt = randomBytes(24).toString("base64url");
  const mark = createHmac("sha256", secret).update(`${purpose}.${salt}`).digest("base64url");
  return `${prefix}${(salt + mark).replaceAll(/[-_]/g, "0")}`;
}

/**
 * An installation token in the form that GitHub has issued since 2026: `ghs_APPID_` and a signed token of
 * three parts with dots, several hundred characters long.
 */
export function mkInstallationToken(secret: string, appId: number, claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg: "HS512", typ: "JWT" });
  const body = part({ ...claims, jti: randomBytes(16).toString("hex") });
  const mark = createHmac("sha512", secret).update(`${head}.${body}`).digest("base64url");
  return `ghs_${appId}_${head}.${body}.${mark}`;
}

/** A signature over a few words, for links that carry their own right. */
export function mark(secret: string, ...words: readonly (string | number)[]): string {
  return createHmac("sha256", secret).update(words.join("\n")).digest("base64url");
}

/** Compares in constant time. */
export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
