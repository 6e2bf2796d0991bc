/** URLs that carry their own right: to one upload or one content, to read or to write, until a time. */

import { createHmac, timingSafeEqual } from "node:crypto";

export type Grant = { readonly of: "upload" | "body"; readonly id: string };

export type Signer = {
  /** An absolute URL that clients take for a blob of Azure's at a host that is an IP address. */
  url(grant: Grant): string;
  /** The grant of a request, or undefined when the URL is no such one, is over, or is for another verb. */
  verify(method: string, url: URL): Grant | undefined;
};

/** As long as GitHub's live at least; on loopback nothing takes longer. */
const URL_LIFE_S = 60 * 60;
const PATH = /^\/blobs\/(upload|body)\/([A-Za-z0-9.-]{1,256})$/;
const VERBS: Readonly<Record<Grant["of"], { readonly letter: string; readonly methods: readonly string[] }>> =
  {
    upload: { letter: "w", methods: ["PUT"] },
    body: { letter: "r", methods: ["GET", "HEAD"] },
  };

/** `key` must be this service's alone: a URL is good for no other one. */
export function createSigner(key: Uint8Array, base: string, now: () => number): Signer {
  const signature = (grant: Grant, until: string): string =>
    createHmac("sha256", key)
      .update(JSON.stringify([grant.of, grant.id, VERBS[grant.of].letter, until]))
      .digest("base64url");

  return {
    url(grant) {
      const until = String(Math.floor(now() / 1000) + URL_LIFE_S);
      const query = new URLSearchParams({
        se: until,
        sp: VERBS[grant.of].letter,
        sig: signature(grant, until),
      });
      return `${base}/blobs/${grant.of}/${grant.id}?${query.toString()}`;
    },
    verify(method, url) {
      const [, of, id] = PATH.exec(url.pathname) ?? [];
      if ((of !== "upload" && of !== "body") || id === undefined) return undefined;
      const until = url.searchParams.get("se") ?? "";
      const said = Buffer.from(url.searchParams.get("sig") ?? "");
      const right = Buffer.from(signature({ of, id }, until));
      if (said.length !== right.length || !timingSafeEqual(said, right)) return undefined;
      // Only behind the signature: the time is ours then, and a number.
      if (Number(until) * 1000 <= now() || !VERBS[of].methods.includes(method)) return undefined;
      return { of, id };
    },
  };
}
