import { createHash, randomBytes } from "node:crypto";
import type { GitHub } from "../../demo/github/launch.ts";

export const CALLBACK = "http://127.0.0.1:9/auth/callback";

export type TokenReply = { access_token: string; refresh_token: string; error: string } & Record<
  string,
  unknown
>;

/** A PKCE pair as an App makes it. */
export function pkce(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** The address to which an App sends people for log-in. */
export function authorizeUrl(github: GitHub, fields: Record<string, string> = {}): string {
  const query = new URLSearchParams({
    client_id: github.clientId,
    redirect_uri: CALLBACK,
    state: "s-1",
    ...fields,
  });
  return `${github.url}/login/oauth/authorize?${query.toString()}`;
}

/** POST /login/oauth/access_token with the App's own secret; fields are laid over it. */
export async function exchange(
  github: GitHub,
  fields: Record<string, string>,
): Promise<{ status: number; body: TokenReply }> {
  const { clientId, clientSecret } = github;
  const response = await fetch(`${github.url}/login/oauth/access_token`, {
    method: "POST",
    headers: { accept: "application/json" },
    body: new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields }),
  });
  return { status: response.status, body: (await response.json()) as TokenReply };
}

/** Logs a person in at the App without a browser. */
export async function logIn(github: GitHub, login: string): Promise<TokenReply> {
  const { verifier, challenge } = pkce();
  const url = authorizeUrl(github, { code_challenge: challenge, code_challenge_method: "S256" });
  const { location } = await github.control.approveLogin({ url, login });
  const code = new URL(location).searchParams.get("code") ?? "";
  return (await exchange(github, { code, code_verifier: verifier })).body;
}
