import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

/** What must survive the way through GitHub and back, in the browser's own keeping. */
const Trip = z.object({
  /** Comes back from GitHub beside the code: this browser began this log-in. */
  state: z.string(),
  /** PKCE's secret (RFC 7636). */
  verifier: z.string(),
  returnTo: z.string(),
  /** Epoch ms. */
  until: z.number(),
});

export type Trip = z.infer<typeof Trip>;

/** The trip as a cookie's value, signed: only this server can have made it. The browser's owner may read it. */
export function seal(key: Buffer, trip: Trip): string {
  const text = Buffer.from(JSON.stringify(trip)).toString("base64url");
  return `${text}.${mac(key, text)}`;
}

/** The trip of a cookie; null when it was not made here or is over. */
export function unseal(key: Buffer, value: string, now: number): Trip | null {
  const [text = "", signature = "", more] = value.split(".");
  const given = Buffer.from(signature);
  const right = Buffer.from(mac(key, text));
  if (more !== undefined || given.length !== right.length || !timingSafeEqual(given, right)) return null;
  const trip = Trip.safeParse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return trip.success && trip.data.until > now ? trip.data : null;
}

function mac(key: Buffer, text: string): string {
  return createHmac("sha256", key).update(`log-in\0${text}`).digest("base64url");
}
