import { existsSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";

import type { BoxLabels } from "../provider.ts";

/** Also the SSH user name, and the directory's name of a box that an earlier version made. */
const REF = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const boxSchema = z.object({
  /** Absent in a box that an earlier version made: there the directory has its name. */
  ref: z.string().regex(REF).optional(),
  type: z.string(),
  createdAt: z.number(),
  owner: z.string(),
  leaseId: z.string(),
  trustDomain: z.string(),
});

const expiresSchema = z.coerce.number().int().positive();

/** One box as its files tell it. Each file has one writer, so that the App and the host process never overwrite each other. */
export type BoxFiles = {
  readonly ref: string;
  /** Its directory: a place that comes back, so that what a box keeps by its paths fits the next one there. */
  readonly at: string;
  readonly type: string;
  readonly createdAt: number;
  readonly labels: BoxLabels;
  /** The App, or the expiry, wants it ended. */
  readonly destroying: boolean;
  /** Why it could not be ended; a person removes the file. */
  readonly closed: string | null;
};

/** Where everything of the local provider lies, below its directory in the state dir. */
export function localPaths(dir: string) {
  const boxes = join(dir, "boxes");
  return {
    boxes,
    hostKey: join(dir, "host_key"),
    clientKey: join(dir, "client_key"),
    port: join(dir, "port"),
    log: join(dir, "host.log"),
    wake: join(boxes, ".wake"),
  } as const;
}

/** Where everything of one box lies, below its directory. */
export function boxPaths(at: string) {
  return {
    root: join(at, "root"),
    facts: join(at, "box.json"),
    expires: join(at, "expires"),
    destroying: join(at, "destroying"),
    closed: join(at, "closed"),
  } as const;
}

/** Whether a string can be a box's ref; anything else never becomes part of a path. */
export function isRef(ref: string): boolean {
  return REF.test(ref);
}

/** The box's files; null when there is no such box. A box without readable labels is nobody's: it is left alone. */
export function readBox(dir: string, ref: string): BoxFiles | null {
  const at = placeOf(dir, ref);
  return at === null ? null : readAt(at);
}

/** Every box that has labels. */
export function readBoxes(dir: string): readonly BoxFiles[] {
  return directories(dir).flatMap((at) => readAt(at) ?? []);
}

/** Replaces the expiry in one step; false when the box is gone. */
export function writeExpiry(dir: string, ref: string, expiresAt: number): boolean {
  const at = placeOf(dir, ref);
  if (at === null) return false;
  const file = boxPaths(at).expires;
  return whileThere(() => {
    writeFileSync(`${file}.new`, String(expiresAt), { flush: true });
    renameSync(`${file}.new`, file);
  });
}

/** Marks a box for its end and wakes the host process; false when it is gone. Safe to repeat. */
export function markDestroying(dir: string, ref: string): boolean {
  const at = placeOf(dir, ref);
  if (at === null) return false;
  return whileThere(() => {
    // Whom it is meant for: between look and write the place may have become another's.
    writeFileSync(boxPaths(at).destroying, ref, { flush: true });
    writeFileSync(localPaths(dir).wake, "");
  });
}

/** The directory of the box with this ref, whether its labels can be read or not; null when there is no such box. */
export function placeOf(dir: string, ref: string): string | null {
  if (!isRef(ref)) return null;
  return directories(dir).find((at) => (readFacts(at)?.ref ?? basename(at)) === ref) ?? null;
}

function directories(dir: string): readonly string[] {
  const { boxes } = localPaths(dir);
  if (!existsSync(boxes)) return [];
  return readdirSync(boxes)
    .filter(isRef)
    .map((name) => join(boxes, name));
}

function readAt(at: string): BoxFiles | null {
  const paths = boxPaths(at);
  const facts = readFacts(at);
  const expiresAt = expiresSchema.safeParse(readOr(paths.expires));
  if (facts === null || !expiresAt.success) return null;
  const { ref = basename(at), type, createdAt, ...labels } = facts;
  return {
    ref,
    at,
    type,
    createdAt,
    labels: { ...labels, expiresAt: expiresAt.data },
    // An earlier version's mark is empty.
    destroying: ["", ref].includes(readOr(paths.destroying) ?? "-"),
    closed: readOr(paths.closed),
  };
}

function readFacts(at: string): z.output<typeof boxSchema> | null {
  return boxSchema.safeParse(parseJson(readOr(boxPaths(at).facts))).data ?? null;
}

/** The host process may remove a box between a look and a write. */
function whileThere(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

function readOr(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // Absent, or removed by the host process at this moment: both mean "not there".
    return null;
  }
}

function parseJson(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    // Judged by the schema like any other value that is no object.
    return null;
  }
}
