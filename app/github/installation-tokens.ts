import { z } from "zod";
import type { Clock } from "../clock.ts";
import { toAppError } from "../errors.ts";
import type { Log } from "./octokit.ts";

export type MintedToken = { readonly token: string; readonly expiresAt: number };

export type InstallationTokens = {
  /** A token good for at least two minutes. Throws github_gone when the installation is removed, not_allowed when suspended. */
  get(installationId: number): Promise<string>;
  /** Forgets this token (GitHub answered 401); a newer one is kept. */
  drop(installationId: number, token: string): void;
  /** Renews nothing more. */
  close(): void;
};

type Deps = {
  readonly mint: (installationId: number) => Promise<MintedToken>;
  readonly clock: Clock;
  readonly log: Log;
};

/** GitHub's answer to minting; tokens may be long and hold dots, only emptiness is refused. */
export const mintedTokenSchema = z
  .object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) })
  .transform((reply) => ({ token: reply.token, expiresAt: Date.parse(reply.expires_at) }));

/** A token with less left is not handed out: the longest call with its repeats fits twice. */
const LEAST_LEFT_MS = 2 * 60_000;
/** A token with less left is renewed beside its use, so that no command waits for minting (tokens live an hour). */
const RENEW_LEFT_MS = 10 * 60_000;
/** So long after its last use an installation's token is still renewed: commands come in working days. */
const KEEP_WARM_MS = 24 * 3_600_000;

/**
 * Keeps one token per installation: minted once however many ask, dropped on 401, renewed ahead while the installation is in use, so
 * that the first command after a quiet hour does not wait for minting.
 */
export function createInstallationTokens(deps: Deps): InstallationTokens {
  const held = new Map<number, MintedToken>();
  const minting = new Map<number, Promise<MintedToken>>();
  const usedAt = new Map<number, number>();
  const closing = new AbortController();

  function mint(installationId: number): Promise<MintedToken> {
    const running = minting.get(installationId);
    if (running !== undefined) return running;
    const started = deps
      .mint(installationId)
      .then((minted) => {
        held.set(installationId, minted);
        renewLater(installationId, minted);
        return minted;
      })
      .finally(() => minting.delete(installationId));
    minting.set(installationId, started);
    return started;
  }

  function renew(installationId: number): void {
    mint(installationId).catch((thrown: unknown) => {
      deps.log.warn(
        { installationId, err: toAppError(thrown) },
        "installation token could not be renewed ahead",
      );
    });
  }

  function renewLater(installationId: number, minted: MintedToken): void {
    const leftMs = minted.expiresAt - deps.clock.now();
    deps.clock.sleep(Math.max(leftMs - RENEW_LEFT_MS, leftMs / 2, 0), closing.signal).then(
      () => {
        if (held.get(installationId) !== minted) return;
        const quietMs = deps.clock.now() - (usedAt.get(installationId) ?? 0);
        if (quietMs < KEEP_WARM_MS) renew(installationId);
        else held.delete(installationId);
      },
      (reason: unknown) => {
        if (!closing.signal.aborted) deps.log.error({ err: toAppError(reason) }, "the clock failed");
      },
    );
  }

  return {
    async get(installationId) {
      const now = deps.clock.now();
      usedAt.set(installationId, now);
      const token = held.get(installationId);
      const leftMs = token === undefined ? 0 : token.expiresAt - now;
      if (token === undefined || leftMs < LEAST_LEFT_MS) return (await mint(installationId)).token;
      // The renewal above may have failed, or the machine slept through it.
      if (leftMs < RENEW_LEFT_MS) renew(installationId);
      return token.token;
    },
    drop(installationId, token) {
      if (held.get(installationId)?.token === token) held.delete(installationId);
    },
    close: () => closing.abort(),
  };
}
