import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

import type { StaticHost } from "./settings.ts";

const keysSchema = z.record(z.string(), z.string());

/** Host keys by `host:port`: from settings, else the first one seen, kept in `file`. */
export type HostKeys = {
  /** The pinned key; null before the first contact. */
  of(host: StaticHost): string | null;
  /** Pins what the first contact proved; a key that is pinned already stays. */
  learn(host: StaticHost, hostKey: string): void;
};

/** Reads the kept keys; throws when the file is there but is not ours to understand: guessing would unpin a host. */
export function createHostKeys(file: string): HostKeys {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const kept = new Map(Object.entries(read(file)));
  const name = (host: StaticHost) => `${host.host}:${host.port}`;
  const of = (host: StaticHost) => host.hostKey ?? kept.get(name(host)) ?? null;
  return {
    of,
    learn(host, hostKey) {
      if (of(host) !== null) return;
      kept.set(name(host), hostKey);
      writeFileSync(`${file}.new`, JSON.stringify(Object.fromEntries(kept)), { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    },
  };
}

function read(file: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw error;
  }
  return keysSchema.parse(JSON.parse(text));
}
