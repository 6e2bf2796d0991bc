import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

import type { BoxLabels } from "../provider.ts";

/** Also the SSH user name and a directory's name. */
const REF = /^[a-z0-9][a-z0-9_-]{0,63}$/;

const boxSchema = z.object({
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
    box: (ref: string) => join(boxes, ref),
    root: (ref: string) => join(boxes, ref, "root"),
    closed: (ref: string) => join(boxes, ref, "closed"),
  } as const;
}

/** Whether a string can be a box's ref; anything else never becomes part of a path. */
export function isRef(ref: string): boolean {
  return REF.test(ref);
}

/** Makes a box's directory ready in one step, labels first; false when it is there already. */
export function makeBox(
  dir: string,
  ref: string,
  type: string,
  labels: BoxLabels,
  createdAt: number,
): boolean {
  const paths = localPaths(dir);
  if (existsSync(paths.box(ref))) return false;
  const staging = paths.box(`.new-${ref}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(join(staging, "root"), { recursive: true, mode: 0o700 });
  const { expiresAt, ...rest } = labels;
  writeFileSync(join(staging, "box.json"), JSON.stringify({ type, createdAt, ...rest }), { flush: true });
  writeFileSync(join(staging, "expires"), String(expiresAt), { flush: true });
  renameSync(staging, paths.box(ref));
  return true;
}

/** The box's files; null when there is no such box. A box without readable labels is nobody's: it is left alone. */
export function readBox(dir: string, ref: string): BoxFiles | null {
  if (!isRef(ref)) return null;
  const box = localPaths(dir).box(ref);
  const facts = boxSchema.safeParse(parseJson(readOr(join(box, "box.json"))));
  const expiresAt = expiresSchema.safeParse(readOr(join(box, "expires")));
  if (!facts.success || !expiresAt.success) return null;
  const { type, createdAt, ...labels } = facts.data;
  return {
    ref,
    type,
    createdAt,
    labels: { ...labels, expiresAt: expiresAt.data },
    destroying: existsSync(join(box, "destroying")),
    closed: readOr(join(box, "closed")),
  };
}

/** Every box that has labels. */
export function readBoxes(dir: string): readonly BoxFiles[] {
  const { boxes } = localPaths(dir);
  if (!existsSync(boxes)) return [];
  return readdirSync(boxes).flatMap((name) => readBox(dir, name) ?? []);
}

/** Replaces the expiry in one step; false when the box is gone. */
export function writeExpiry(dir: string, ref: string, expiresAt: number): boolean {
  const file = join(localPaths(dir).box(ref), "expires");
  return whileThere(() => {
    writeFileSync(`${file}.new`, String(expiresAt), { flush: true });
    renameSync(`${file}.new`, file);
  });
}

/** Marks a box for its end and wakes the host process; false when it is gone. Safe to repeat. */
export function markDestroying(dir: string, ref: string): boolean {
  const paths = localPaths(dir);
  return whileThere(() => {
    writeFileSync(join(paths.box(ref), "destroying"), "", { flush: true });
    writeFileSync(paths.wake, "");
  });
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
