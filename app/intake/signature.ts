import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";

const PREFIX = "sha256=";
/** The form of `X-Hub-Signature-256`: anything else is not looked at further. */
const SIGNATURE_FORM = /^sha256=[0-9a-f]{64}$/;

/** True when GitHub, or whoever else knows the secret, signed these bytes; compared in constant time. */
export type Verify = (body: Buffer, signature: string) => boolean;

/**
 * Makes the check for one secret: GitHub's "Validating webhook deliveries", over the bytes as they came. octokit's own takes text
 * only: what nobody has proved yet would be decoded first, and its bytes be made again (decision 11).
 */
export function createVerify(secret: string): Verify {
  const key = createSecretKey(secret, "utf8");
  return (body, signature) => {
    if (body.length === 0 || !hasSignatureForm(signature)) return false;
    const given = Buffer.from(signature.slice(PREFIX.length), "hex");
    return timingSafeEqual(createHmac("sha256", key).update(body).digest(), given);
  };
}

/** Cheap enough to refuse before a body is read. */
export function hasSignatureForm(signature: string): boolean {
  return SIGNATURE_FORM.test(signature);
}
