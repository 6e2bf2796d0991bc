import { sshError } from "./failure.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { Client, ClientChannel } from "ssh2";
import type { Readable, Writable } from "node:stream";

/** stderr kept of one command: its end, where the reason stands. Longer ones are for the box's own log. */
const STDERR_TAIL_BYTES = 16 * 1024;

/** How a command on the box ended. Signal and code are never merged; `lost`: the link went or we let go, so nobody knows. */
export type SshExit =
  | { readonly kind: "code"; readonly code: number }
  | { readonly kind: "signal"; readonly signal: string }
  | { readonly kind: "lost" };

/** One running command. Reading slowly slows the command down: nothing is buffered beyond SSH's window (2 MiB). */
export type SshExec = {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** The end of what it wrote to stderr so far, bounded. */
  stderr(): string;
  /** Calls back with every piece of stderr as it comes. */
  onStderr(listener: (text: string) => void): void;
  /** Resolves when the channel is closed, or at once after `close`; never rejects. Needs stdout to be read. */
  readonly exit: Promise<SshExit>;
  /** The command is known to have ended, though its output may not be read yet. */
  readonly ended: boolean;
  /** Resolves as soon as `ended` is true or `exit` is there, read or not; never rejects. */
  readonly whenEnded: Promise<void>;
  /** Lets go of the channel; what runs on the box sees its stdin end. Safe to repeat. */
  close(): void;
};

/**
 * Starts `command` (made by `shellCommand`) on an open connection. Rejects with `link_lost` when the connection or the
 * server refuses the channel; `signal` closes the channel.
 */
export function execOn(
  client: Client,
  address: BoxAddress,
  command: string,
  signal?: AbortSignal,
): Promise<SshExec> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(toError(signal.reason));
      return;
    }
    // A connection that dies before the channel is confirmed never calls back: its close does it instead.
    const onClose = () => reject(sshError("lost", address));
    client.once("close", onClose);
    const settle = (error: Error | undefined, channel: ClientChannel) => {
      client.off("close", onClose);
      if (error === undefined) resolve(attach(channel, signal));
      else reject(sshError("lost", address, error));
    };
    try {
      client.exec(command, settle);
    } catch (error) {
      client.off("close", onClose);
      reject(sshError("lost", address, error));
    }
  });
}

function attach(channel: ClientChannel, signal: AbortSignal | undefined): SshExec {
  let tail = Buffer.alloc(0);
  let exit: SshExit = { kind: "lost" };
  const listeners = new Set<(text: string) => void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<SshExit>();
  const { promise: whenEnded, resolve: tellEnded } = Promise.withResolvers<void>();
  const close = () => {
    channel.close();
    // OpenSSH confirms only when the command has ended, and unread output would keep our side open.
    channel.resume();
    end({ kind: "lost" });
    tellEnded();
  };
  let over = false;
  channel.on("exit", (code: number | null, name?: string) => {
    over = true;
    tellEnded();
    exit = code === null ? { kind: "signal", signal: name ?? "unknown" } : { kind: "code", code };
  });
  channel.stderr.on("data", (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES);
    for (const listener of listeners) listener(chunk.toString("utf8"));
  });
  // Writing to a command that is gone ends in `exit`, not in an exception.
  channel.on("error", () => undefined);
  signal?.addEventListener("abort", close, { once: true });
  channel.once("close", () => {
    signal?.removeEventListener("abort", close);
    end(exit);
    tellEnded();
  });
  return {
    stdin: channel,
    stdout: channel,
    stderr: () => tail.toString("utf8"),
    onStderr: (listener) => void listeners.add(listener),
    exit: ended,
    get ended() {
      return over;
    },
    whenEnded,
    close,
  };
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error("aborted", { cause: reason });
}
