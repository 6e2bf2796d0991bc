import { Webhooks } from "@octokit/webhooks";

/** The form of `X-Hub-Signature-256`: anything else is not looked at further. */
const SIGNATURE_FORM = /^sha256=[0-9a-f]{64}$/;

/** True when GitHub, or whoever else knows the secret, signed exactly these bytes; compared in constant time. */
export type Verify = (body: Buffer, signature: string) => Promise<boolean>;

/** Makes the check for one secret. */
export function createVerify(secret: string): Verify {
  const webhooks = new Webhooks({ secret });
  return async (body, signature) => {
    if (body.length === 0 || !hasSignatureForm(signature)) return false;
    // The library takes text and hashes it as UTF-8. Bytes that are not UTF-8 do not survive that and fail: GitHub sends none.
    return webhooks.verify(body.toString("utf8"), signature);
  };
}

/** Cheap enough to refuse before a body is read. */
export function hasSignatureForm(signature: string): boolean {
  return SIGNATURE_FORM.test(signature);
}
