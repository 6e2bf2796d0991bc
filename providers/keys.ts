import { createHash } from "node:crypto";
import { chmodSync, existsSync, linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import ssh2 from "ssh2";

import type { ParsedKey } from "ssh2";

/** Makes an ed25519 key at `path` (0600) unless there is one; two at once keep the same. Safe to repeat. */
export function ensureKey(path: string): void {
  if (existsSync(path)) return;
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, newKey(), { mode: 0o600, flush: true });
  chmodSync(temporary, 0o600);
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  rmSync(temporary, { force: true });
}

/** A new private key in OpenSSH's format. About one of 240 that ssh2 makes cannot be read by anybody, itself included. */
function newKey(): string {
  for (;;) {
    const { private: text } = ssh2.utils.generateKeyPairSync("ed25519", { comment: "crabbox-app" });
    if (!(ssh2.utils.parseKey(text) instanceof Error)) return text;
  }
}

/** The key at `path`, parsed. Throws when it is none. */
export function loadKey(path: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(readFileSync(path));
  if (parsed instanceof Error) throw parsed;
  return parsed;
}

/** `SHA256:...` of the public half, as OpenSSH prints it. */
export function fingerprint(key: ParsedKey): string {
  return `SHA256:${createHash("sha256").update(key.getPublicSSH()).digest("base64").replaceAll("=", "")}`;
}
