import { readFile } from "node:fs/promises";
import ssh2 from "ssh2";

import { failureKindOf, sshError } from "./failure.ts";
import { fingerprintOf, sameFingerprint } from "./host-key.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { Client } from "ssh2";

/** A box that dropped off the net is noticed after three unanswered beats, 45 s; NATs forget idle flows after 60 s or more. */
const KEEPALIVE_INTERVAL_MS = 15_000;
const KEEPALIVE_MISSES = 3;

/** An open, authenticated connection and the fingerprint its server proved. */
export type Handshake = { readonly client: Client; readonly hostKey: string };

/**
 * One SSH handshake, public key only, ended after `timeoutMs`. Throws the AppErrors of failure.ts; a host key other
 * than the pinned one is refused before the App shows who it is.
 */
export async function handshake(
  address: BoxAddress,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Handshake> {
  const privateKey = await readKey(address);
  signal?.throwIfAborted();
  const client = new ssh2.Client();
  let seen: string | null = null;
  let changed = false;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => {
      client.destroy();
      reject(sshError(changed ? "host_key" : failureKindOf(error), address, error));
    };
    const abort = () => fail(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    // Nagle with delayed acknowledgements makes each exec eight times slower (47-94 ms instead of 5-8).
    client.on("connect", () => client.setNoDelay(true));
    client.once("close", () => fail(undefined));
    // Stays for the connection's life: a later error is followed by `close`, which is what others listen to.
    client.on("error", fail);
    client.once("ready", () => {
      client.setNoDelay(true);
      signal?.removeEventListener("abort", abort);
      resolve({ client, hostKey: seen ?? "" });
    });
    try {
      client.connect({
        host: address.host,
        port: address.port,
        username: address.user,
        privateKey,
        readyTimeout: timeoutMs,
        keepaliveInterval: KEEPALIVE_INTERVAL_MS,
        keepaliveCountMax: KEEPALIVE_MISSES,
        authHandler: ["publickey"],
        hostVerifier: (key: Buffer) => {
          seen = fingerprintOf(key);
          changed = address.hostKey !== null && !sameFingerprint(seen, address.hostKey);
          return !changed;
        },
      });
    } catch (error) {
      // ssh2 throws here for one reason only: it cannot parse the key.
      client.destroy();
      reject(sshError("key_file", address, error));
    }
  });
}

async function readKey(address: BoxAddress): Promise<Buffer> {
  try {
    return await readFile(address.keyFile);
  } catch (error) {
    throw sshError("key_file", address, error);
  }
}
