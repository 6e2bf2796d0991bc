import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";
import type { Artifact } from "../store/artifact-rows.ts";

/** From the click to the first byte; a download that has begun goes on. */
const LINK_MS = 5 * 60_000;
/** Seconds since 1970, a dot, and 43 characters of base64url. */
const PASS = /^([0-9]{1,12})\.([A-Za-z0-9_-]{43})$/u;

/** Short-lived addresses of artifacts on the origin that serves them: no cookie has to reach it. */
export type ArtifactLinks = {
  /** For somebody who was just found to be allowed to read the run. */
  url(artifact: Pick<Artifact, "id">): string;
  /** Whether the pass is ours, for this artifact, and not over. */
  isGood(id: number, pass: string): boolean;
};

export type ArtifactLinksDeps = {
  readonly clock: Pick<Clock, "now">;
  /** 32 random bytes kept in the state dir; who has them can read every artifact. */
  readonly key: Buffer;
  /** Origin, with a path where a proxy puts one before ours. */
  readonly baseUrl: string;
};

/** Makes and checks them; nothing is stored. */
export function createArtifactLinks({ clock, key, baseUrl }: ArtifactLinksDeps): ArtifactLinks {
  const base = baseUrl.replace(/\/$/u, "");
  const sign = (id: number, until: number): Buffer =>
    createHmac("sha256", key).update(`artifact:${id}:${until}`).digest();
  return {
    url({ id }) {
      const until = Math.ceil((clock.now() + LINK_MS) / 1_000);
      return `${base}/artifacts/${id}/${until}.${sign(id, until).toString("base64url")}`;
    },
    isGood(id, pass) {
      const [, until = "", signature = ""] = PASS.exec(pass) ?? [];
      const given = Buffer.from(signature, "base64url");
      const own = sign(id, Number(until));
      const isOurs = given.length === own.length && timingSafeEqual(given, own);
      return isOurs && Number(until) * 1_000 > clock.now();
    },
  };
}
