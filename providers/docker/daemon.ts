import { ProviderError } from "../provider.ts";

import type Dockerode from "dockerode";
import type { ProviderErrorKind } from "../provider.ts";

/** The daemon answers in milliseconds; a start on a loaded machine takes seconds, a removal of a large volume longer. */
const CALL_TIMEOUT_MS = 60_000;
const NOT_FOUND = 404;
const CONFLICT = 409;
/** What the daemon says of images and errors, as much as fits into a check. */
const MESSAGE_CHARS = 300;

/** One call of the daemon: `what` names it for people. Rejects with ProviderError; `timeoutMs` for builds. */
export type Daemon = <T>(
  what: string,
  call: (docker: Dockerode) => Promise<T>,
  signal: AbortSignal,
  timeoutMs?: number,
) => Promise<T>;

/**
 * The daemon behind `socketPath`; connects at each call, so one that was restarted is simply there again. The client is
 * loaded with the first call: it brings a gRPC library that only this provider's users should wait for.
 */
export function createDaemon(provider: string, socketPath: string): Daemon {
  let client: Promise<Dockerode> | undefined;
  const load = async () => {
    const { default: Dockerode } = await import("dockerode");
    return new Dockerode({ socketPath });
  };
  return async (what, call, signal, timeoutMs = CALL_TIMEOUT_MS) => {
    signal.throwIfAborted();
    client ??= load();
    const docker = await client;
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      return await untilAborted(call(docker), AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      throw daemonError(provider, socketPath, what, error);
    }
  };
}

/** What `work` comes to, or the signal's reason; the work goes on. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const done = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const fail = () => reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
    signal.addEventListener("abort", fail, { once: true, signal: done.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    done.abort();
  }
}

/** The daemon's HTTP status behind an error of `Daemon`; null when there was no answer. */
export function statusOf(error: unknown): number | null {
  const cause = error instanceof ProviderError ? error.cause : error;
  return cause instanceof Error && "statusCode" in cause && typeof cause.statusCode === "number"
    ? cause.statusCode
    : null;
}

/** Whether the thing asked for is not there. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === NOT_FOUND;
}

/** Whether it is there already, or on its way out. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === CONFLICT;
}

function daemonError(provider: string, socketPath: string, what: string, error: unknown): ProviderError {
  const status = statusOf(error);
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const make = (kind: ProviderErrorKind, message: string, hint: string) =>
    new ProviderError(provider, kind, message, hint, error);
  if (status !== null) {
    const said = error instanceof Error ? error.message.slice(0, MESSAGE_CHARS) : "";
    // 5xx: something went wrong in there, and what was asked for may be half done.
    return status >= 500
      ? make("unclear", `Docker failed to ${what}: ${said}`, "See the daemon's log (journalctl -u docker).")
      : make(
          "unusable",
          `Docker refused to ${what}: ${said}`,
          "Mend the provider's settings or the daemon's.",
        );
  }
  if (code === "EACCES" || code === "EPERM")
    return make(
      "auth",
      `The App may not use Docker's socket ${socketPath}.`,
      "Let its user into the group `docker`, or run the App as root; either is power over the whole machine.",
    );
  return make(
    "unclear",
    `The Docker daemon did not answer when asked to ${what} (${typeof code === "string" ? code : "no answer"}).`,
    `Start it (systemctl start docker), or set \`socketPath\`; asked was ${socketPath}.`,
  );
}
