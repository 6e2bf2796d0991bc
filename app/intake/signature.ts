import { Webhooks } from "@octokit/webhooks";

/** The form of `X-Hub-Signature-256`: anything else is not looked at further. */
const SIGNATURE_FORM = /^sha256=[0-9a-f]{64}$/;

/**
 * True when GitHub, or whoever else knows the secret, signed the bytes of this text; compared in constant time. Bytes that are not
 * UTF-8 do not survive becoming text, so that their signature fails: GitHub sends none.
 */
export type Verify = (text: string, signature: string) => Promise<boolean>;

/** Makes the check for one secret. */
export function createVerify(secret: string): Verify {
  const webhooks = new Webhooks({ secret });
  return async (text, signature) => {
    if (text === "" || !hasSignatureForm(signature)) return false;
    return webhooks.verify(text, signature);
  };
}

/** Cheap enough to refuse before a body is read. */
export function hasSignatureForm(signature: string): boolean {
  return SIGNATURE_FORM.test(signature);
}
