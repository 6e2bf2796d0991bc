/** A person lets an App act for them: asked once, until it is taken back. `id` is `APP/USER`. */
export type UserGrant = { id: string; appId: number; userId: number; createdAt: string };

/** What the way back from the authorize page carries, to be exchanged once. `id` is the code itself. */
export type OAuthCode = {
  id: string;
  appId: number;
  userId: number;
  redirectUri: string;
  /** PKCE: base64url(SHA-256(verifier)), when the App sent one. */
  codeChallenge: string | null;
  expiresAt: number;
};

/** Renews a person's token once; both end with it. `id` is the refresh token itself. */
export type RefreshToken = {
  id: string;
  appId: number;
  userId: number;
  accessToken: string;
  expiresAt: number;
};
