import { AppError } from "../errors.ts";
import { connect } from "./connect.ts";
import { sshFailureOf } from "./failure.ts";

import type { BoxAddress } from "../../providers/provider.ts";
import type { SshConnection, SshDeps } from "./connect.ts";

/** A connection not used for this long is closed; a provider's calls for one lease come within seconds. */
const IDLE_MS = 20_000;
/** Wiping a slot removes work trees of a million files; everything else takes milliseconds. */
const TIMEOUT_MS = 5 * 60_000;
/** Answers are lines about at most 64 slots, or boxd's status. */
const OUTPUT_MAX_BYTES = 4 * 1024 * 1024;

export type HostExecResult =
  | {
      readonly kind: "done";
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
      readonly hostKey: string;
    }
  | {
      readonly kind: "failed";
      readonly reason: "auth" | "host_key" | "unreachable";
      readonly message: string;
      readonly hint: string;
    };

/** Commands on hosts for providers, over connections that are kept for a moment. */
export type HostExec = {
  readonly exec: (
    address: BoxAddress,
    command: string,
    stdin: string,
    signal: AbortSignal,
  ) => Promise<HostExecResult>;
  /** Ends the kept connections. */
  readonly close: () => void;
};

type Kept = { readonly connection: Promise<SshConnection>; users: number; timer: NodeJS.Timeout | null };

/** Runs one command to its end, bounded in time and output; a lost connection is a failure, never a repetition. */
export function createHostExec(deps: SshDeps): HostExec {
  const kept = new Map<string, Kept>();

  const open = (address: BoxAddress, signal: AbortSignal): Kept => {
    const key = [address.user, address.host, address.port, address.hostKey, address.keyFile].join(" ");
    let entry = kept.get(key);
    if (entry === undefined) {
      const connection = connect(deps, address, signal);
      entry = { connection, users: 0, timer: null };
      kept.set(key, entry);
      const forget = () => {
        if (kept.get(key)?.connection === connection) kept.delete(key);
      };
      connection.then((opened) => opened.closed.then(forget), forget).catch(forget);
    }
    entry.users += 1;
    if (entry.timer !== null) clearTimeout(entry.timer);
    return entry;
  };
  const release = (entry: Kept) => {
    entry.users -= 1;
    if (entry.users > 0) return;
    entry.timer = setTimeout(() => closeWhenOpen(entry.connection), IDLE_MS);
    entry.timer.unref();
  };
  return {
    async exec(address, command, stdin, signal) {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      const entry = open(address, bounded);
      try {
        const connection = await entry.connection;
        return await run(connection, command, stdin, bounded);
      } catch (error) {
        signal.throwIfAborted();
        return failed(error);
      } finally {
        release(entry);
      }
    },
    close() {
      for (const { connection, timer } of kept.values()) {
        if (timer !== null) clearTimeout(timer);
        closeWhenOpen(connection);
      }
    },
  };
}

/** One that never opened needs no closing; who waited for it was told. */
function closeWhenOpen(opening: Promise<SshConnection>): void {
  opening.then(
    (connection) => connection.close(),
    () => undefined,
  );
}

async function run(
  connection: SshConnection,
  command: string,
  stdin: string,
  signal: AbortSignal,
): Promise<HostExecResult> {
  const exec = await connection.exec(command, { signal });
  exec.stdin.end(stdin);
  const chunks: Buffer[] = [];
  let size = 0;
  exec.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size > OUTPUT_MAX_BYTES) exec.close();
    else chunks.push(chunk);
  });
  const exit = await exec.exit;
  if (exit.kind === "lost")
    throw new AppError("link_lost", "The connection ended before the command did.", "It is asked again.");
  return {
    kind: "done",
    code: exit.kind === "code" ? exit.code : 255,
    stdout: Buffer.concat(chunks).toString("utf8"),
    stderr: exec.stderr(),
    hostKey: connection.hostKey,
  };
}

function failed(error: unknown): HostExecResult {
  if (!(error instanceof AppError)) {
    return {
      kind: "failed",
      reason: "unreachable",
      message: "The host did not answer in time.",
      hint: "Check the host and its load.",
    };
  }
  const kind = sshFailureOf(error);
  const reason =
    kind === "host_key" ? "host_key" : kind === "auth" || kind === "key_file" ? "auth" : "unreachable";
  // The usual hint of a lost link speaks of a task that goes on; here there is none.
  const hint = error.code === "link_lost" ? "Check that the host is up and its sshd answers." : error.hint;
  return { kind: "failed", reason, message: error.message, hint };
}
