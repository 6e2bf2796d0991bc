import { z } from "zod";
import { AppError } from "../errors.ts";
import { read, write } from "./call.ts";
import type { CallDeps } from "./call.ts";
import { mintedTokenSchema } from "./installation-tokens.ts";
import type { MintedToken } from "./installation-tokens.ts";

export type Tokens = {
  /** A token that can only read the contents of one repository, good for an hour (law 15). Repeating it makes another. */
  mintContentsRead(installationId: number, repositoryId: number, signal?: AbortSignal): Promise<MintedToken>;
  /** One that can only read these parts of one repository (the API's names; none: its metadata). */
  mintRead(
    installationId: number,
    repositoryId: number,
    parts: readonly string[],
    signal?: AbortSignal,
  ): Promise<MintedToken>;
  /** Makes the token worthless; one that already is counts as revoked. */
  revoke(token: string, signal?: AbortSignal): Promise<void>;
};

type Calls = Pick<CallDeps, "wire" | "clock" | "log" | "times" | "onTry" | "tokens">;

/** Narrow tokens for boxes: made and revoked, never kept. */
export function createTokens(calls: Calls): Tokens {
  // Minting twice harms nobody, so it is repeated like a read.
  const mintRead: Tokens["mintRead"] = (installationId, repositoryId, parts, signal) =>
    read(calls, {
      what: "mint repository token",
      caller: { as: "app" },
      reply: mintedTokenSchema,
      signal,
      send: (rest, options) =>
        rest.apps.createInstallationAccessToken({
          installation_id: installationId,
          repository_ids: [repositoryId],
          // Left out, GitHub would give all that the App may.
          permissions: Object.fromEntries((parts.length === 0 ? ["metadata"] : parts).map(reading)),
          ...options,
        }),
    });
  return {
    mintRead,
    mintContentsRead: (installationId, repositoryId, signal) =>
      mintRead(installationId, repositoryId, ["contents"], signal),
    async revoke(token, signal) {
      try {
        await write(calls, {
          what: "revoke token",
          caller: { as: "bearer", token },
          reply: z.unknown(),
          signal,
          send: (rest, options) => rest.apps.revokeInstallationAccessToken({ ...options }),
        });
      } catch (thrown) {
        // 401: expired or revoked before.
        if (!(thrown instanceof AppError) || !["not_allowed", "github_gone"].includes(thrown.code))
          throw thrown;
      }
    },
  };
}

/** The installation's own token, with all its permissions: kept by the cache, never given to a box. */
export function mintInstallationToken(calls: Calls, installationId: number): Promise<MintedToken> {
  return read(calls, {
    what: "mint installation token",
    caller: { as: "app" },
    reply: mintedTokenSchema,
    send: (rest, options) =>
      rest.apps.createInstallationAccessToken({ installation_id: installationId, ...options }),
  });
}

function reading(part: string): readonly [string, "read"] {
  return [part, "read"];
}
