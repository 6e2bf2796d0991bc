import { AppError } from "../errors.ts";

import type { BoxAddress } from "../../providers/provider.ts";

/** Why no connection came about, or why one ended; carried as the cause of the AppError, so that nobody reads messages. */
export type SshFailureKind =
  | "refused"
  | "unreachable"
  | "timeout"
  | "auth"
  | "dns"
  | "key_file"
  | "host_key"
  | "lost";

export type SshFailure = { readonly ssh: SshFailureKind; readonly original: unknown };

/** What ssh2 and Node hang on their errors. */
type SshErrorFacts = { readonly level?: unknown; readonly code?: unknown };

const KIND_OF_CODE: Readonly<Record<string, SshFailureKind>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "timeout",
};

const HINTS: Readonly<Record<SshFailureKind, string>> = {
  refused: "Check that sshd runs on the box and listens on this port.",
  unreachable: "Check the network and firewall between the App and the box.",
  timeout: "Check that the box is up and that no firewall drops the connection.",
  auth: "Put the public half of the configured key into the user's authorized_keys on the box.",
  dns: "Check the host name in the settings and the App's resolver.",
  key_file: "Check that the private key file exists, is readable by the App and has no passphrase.",
  host_key:
    "If the box was really reinstalled, remove the pinned key; otherwise somebody answers in its place.",
  lost: "Nothing is lost on the box; the App attaches again from where it was.",
};

/** An AppError for a failed or ended connection, with its kind as cause. Never names the key's content. */
export function sshError(kind: SshFailureKind, address: BoxAddress, original?: unknown): AppError {
  const where = `${address.user}@${address.host}:${address.port}`;
  const cause: SshFailure = { ssh: kind, original };
  switch (kind) {
    case "host_key":
      return new AppError(
        "host_key_changed",
        `The host key of ${where} is not the pinned one.`,
        HINTS[kind],
        cause,
      );
    case "lost":
      return new AppError("link_lost", `The SSH connection to ${where} ended.`, HINTS[kind], cause);
    case "refused":
    case "unreachable":
    case "timeout":
    case "auth":
    case "dns":
    case "key_file":
      return new AppError(
        "ssh_failed",
        `No SSH connection to ${where}: ${describe(kind)}.`,
        HINTS[kind],
        cause,
      );
  }
}

/** The kind a failed handshake's error stands for, by ssh2's level and Node's code. */
export function failureKindOf(error: unknown): SshFailureKind {
  const { level, code }: SshErrorFacts = typeof error === "object" && error !== null ? error : {};
  if (level === "client-authentication") return "auth";
  if (level === "client-timeout") return "timeout";
  if (level === "client-dns") return "dns";
  return (typeof code === "string" ? KIND_OF_CODE[code] : undefined) ?? "lost";
}

/** The kind an AppError of this edge carries; null for any other error. */
export function sshFailureOf(error: unknown): SshFailureKind | null {
  if (!(error instanceof AppError)) return null;
  const { cause } = error;
  if (typeof cause !== "object" || cause === null || !("ssh" in cause)) return null;
  // Only sshError writes such a cause.
  return cause.ssh as SshFailureKind;
}

function describe(kind: SshFailureKind): string {
  const words: Readonly<Record<SshFailureKind, string>> = {
    refused: "the port refuses connections",
    unreachable: "the network has no way there",
    timeout: "nothing answered in time",
    auth: "the box does not accept the App's key",
    dns: "the name does not resolve",
    key_file: "the private key cannot be used",
    host_key: "the host key changed",
    lost: "the connection broke during the handshake",
  };
  return words[kind];
}
