import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import type { AccessLevel } from "../github/app-info.ts";

const Manifest = z.object({
  default_permissions: z.record(z.string(), z.enum(["read", "write", "admin"])),
  default_events: z.array(z.string()),
});

/** What app.yml asks of GitHub. */
export type Wanted = {
  readonly permissions: Readonly<Record<string, AccessLevel>>;
  readonly events: readonly string[];
};

/** Permissions and events that are asked for and not given, and permissions that are given beyond what is asked for. */
export type Difference = {
  readonly missing: readonly string[];
  readonly deaf: readonly string[];
  readonly beyond: readonly string[];
};

const RANK: Readonly<Record<AccessLevel, number>> = { read: 1, write: 2, admin: 3 };

/** Reads app.yml, which is part of the program. */
export function readManifest(): Wanted {
  const text = readFileSync(new URL("../../app.yml", import.meta.url), "utf8");
  const manifest = Manifest.parse(parse(text));
  return { permissions: manifest.default_permissions, events: manifest.default_events };
}

/** What GitHub gives, beside what is wanted. */
export function compare(wanted: Wanted, given: Wanted): Difference {
  const rank = (level: AccessLevel | undefined) => (level === undefined ? 0 : RANK[level]);
  const names = (of: Wanted, than: Wanted) =>
    Object.entries(of.permissions)
      .filter(([name, level]) => rank(level) > rank(than.permissions[name]))
      .map(([name, level]) => `${name}: ${level}`);
  return {
    missing: names(wanted, given),
    deaf: wanted.events.filter((event) => !given.events.includes(event)),
    beyond: names(given, wanted),
  };
}
