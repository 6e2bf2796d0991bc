import { execOn } from "./exec.ts";
import { sshError, sshFailureOf } from "./failure.ts";
import { handshake } from "./handshake.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { Clock } from "../clock.ts";
import type { SshExec } from "./exec.ts";
import type { SshFailureKind } from "./failure.ts";

/** TCP, key exchange and log-in together; a loaded box over a long line takes about 2 s. */
const HANDSHAKE_TIMEOUT_MS = 15_000;
/** A new box's sshd may need a moment, and sshd drops some of many connections at once (MaxStartups). */
const RETRY_DELAYS_MS = [200, 600, 1_800] as const;
/** What may be different a second later; a wrong key or name stays wrong. */
const WORTH_A_RETRY: ReadonlySet<SshFailureKind> = new Set(["refused", "unreachable", "timeout", "lost"]);

export type SshDeps = {
  readonly clock: Clock;
  /** Told the fingerprint when the address had none pinned, before the connection is used: store it. */
  readonly learnHostKey?: (address: BoxAddress, hostKey: string) => Promise<void>;
};

/** An open connection to a box. */
export type SshConnection = {
  readonly hostKey: string;
  /** False once it ended; exec then rejects with `link_lost`. */
  readonly open: boolean;
  /** Resolves when the connection ended, whoever ended it. */
  readonly closed: Promise<void>;
  exec(command: string, options?: { readonly signal?: AbortSignal }): Promise<SshExec>;
  /** Ends the connection and every command's channel. Safe to repeat. */
  close(): void;
};

/**
 * Connects and logs in, with a few retries where time may help (at most 4 handshakes of 15 s). Throws AppError
 * `ssh_failed` (kind by `sshFailureOf`), `host_key_changed` or `link_lost`; `signal` ends the wait.
 */
export async function connect(
  deps: SshDeps,
  address: BoxAddress,
  signal?: AbortSignal,
): Promise<SshConnection> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await connectOnce(deps, address, signal);
    } catch (error) {
      const kind = sshFailureOf(error);
      const delayMs = RETRY_DELAYS_MS[attempt];
      signal?.throwIfAborted();
      if (kind === null || !WORTH_A_RETRY.has(kind) || delayMs === undefined) throw error;
      await deps.clock.sleep(delayMs, signal);
    }
  }
}

async function connectOnce(deps: SshDeps, address: BoxAddress, signal?: AbortSignal): Promise<SshConnection> {
  const { client, hostKey } = await handshake(address, HANDSHAKE_TIMEOUT_MS, signal);
  let open = true;
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => {
      open = false;
      resolve();
    });
  });
  if (address.hostKey === null) {
    try {
      await deps.learnHostKey?.(address, hostKey);
    } catch (error) {
      // Unpinned is unproven: a key nobody could keep must not be used.
      client.end();
      throw error;
    }
  }
  return {
    hostKey,
    closed,
    get open() {
      return open;
    },
    exec: (command, options) =>
      open ? execOn(client, address, command, options?.signal) : Promise.reject(sshError("lost", address)),
    close: () => void client.end(),
  };
}
