/** Only ever sent to this host, over TLS, and to no script (RFC 6265bis, "The __Host- Prefix"). Browsers take loopback for TLS. */
export const SESSION_COOKIE = "__Host-crabbox";
/** Carries one log-in on its way through GitHub. */
export const LOG_IN_COOKIE = "__Host-crabbox-login";

const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";
const VALUE = /^[A-Za-z0-9_.-]{1,1000}$/u;

/** The `Set-Cookie` line; `maxAgeMs` 0 takes the cookie away. */
export function setCookie(name: string, value: string, maxAgeMs: number): string {
  return `${name}=${value}; Max-Age=${Math.floor(maxAgeMs / 1_000)}; ${ATTRIBUTES}`;
}

/** A cookie's value by name; null when there is none, when it is of no form of ours, or when there are two. */
export function readCookie(header: string | undefined, name: string): string | null {
  const found = (header ?? "")
    .split(";")
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${name}=`))
    .map((part) => part.slice(name.length + 1));
  const [value, second] = found;
  return value !== undefined && second === undefined && VALUE.test(value) ? value : null;
}
