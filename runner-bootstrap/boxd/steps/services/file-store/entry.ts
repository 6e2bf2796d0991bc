/** One entry on the disk: `meta.json`, `parts.json` and the parts. It comes and goes by one rename. */

import { readFileSync, readdirSync, statSync, utimesSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";

import { errno } from "../../../once.ts";
import type { EntryAt, Places } from "./places.ts";
import { entryDir, randomName } from "./places.ts";

export type Meta = {
  readonly v: 1;
  readonly unique: string;
  readonly sizeBytes: number;
  readonly createdAt: number;
  /** A cache's key or an artifact's name. */
  readonly name: string;
  readonly version?: string;
  readonly isFork?: boolean;
  readonly id?: number;
  readonly job?: string;
  readonly sha256?: string;
  readonly mimeType?: string;
  readonly expiresAt?: number;
};

export type FoundEntry = { readonly at: EntryAt; readonly meta: Meta; readonly usedAt: number };

/** File name and bytes, in the order of the content. */
export type Part = readonly [file: string, sizeBytes: number];

const META_FILE = "meta.json";
const PARTS_FILE = "parts.json";
const PART_FILE = /^part-[0-9]{1,15}$/;
/** The group's directory can be removed by another process between making it and renaming into it. */
const MAKE_TRIES = 5;
/** Small files are read many times faster without going through a thread; others get their turn after so many (2 ms). */
const READ_AT_ONCE = 100;

/** Writes what makes a directory of parts an entry; nobody sees it before `showEntry`. */
export async function describeEntry(dir: string, meta: Meta, parts: readonly Part[]): Promise<void> {
  await writeFile(join(dir, PARTS_FILE), JSON.stringify(parts), { mode: 0o600 });
  await writeFile(join(dir, META_FILE), JSON.stringify(meta), { mode: 0o600 });
  touchEntry(dir, meta.createdAt);
}

/** Gives a described directory its place, at once and whole. False when the place is taken. */
export async function showEntry(places: Places, dir: string, at: EntryAt): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    await mkdir(join(places[at.kind], at.group), { recursive: true, mode: 0o700 });
    try {
      await rename(dir, entryDir(places, at));
      return true;
    } catch (error) {
      if (errno(error) === "ENOTEMPTY" || errno(error) === "EEXIST") return false;
      if (errno(error) !== "ENOENT" || tries === MAKE_TRIES) throw error;
    }
  }
}

/** Takes an entry away, at once and whole. False when it was gone. Who reads a part of it reads on. */
export async function hideEntry(places: Places, at: EntryAt): Promise<boolean> {
  const grave = join(places.trash, randomName());
  try {
    await rename(entryDir(places, at), grave);
  } catch (error) {
    if (errno(error) === "ENOENT") return false;
    throw error;
  }
  await bury(grave);
  return true;
}

/** Removes a directory that another process may be removing too; what is left of it then is that one's. */
export async function bury(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    if (errno(error) !== "ENOENT" && errno(error) !== "ENOTEMPTY") throw error;
  }
}

/** The entry at a place, or undefined. */
export function readEntry(places: Places, at: EntryAt): FoundEntry | undefined {
  const path = join(entryDir(places, at), META_FILE);
  return orUndefined(() => {
    const meta = parseJson(readFileSync(path, "utf8"));
    return isMeta(meta) ? { at, meta, usedAt: statSync(path).mtimeMs } : undefined;
  });
}

/** All entries of a group, in no order. */
export async function readGroup(places: Places, kind: EntryAt["kind"], group: string): Promise<FoundEntry[]> {
  const slots = orUndefined(() => readdirSync(join(places[kind], group))) ?? [];
  const found: FoundEntry[] = [];
  for (const [index, slot] of slots.entries()) {
    if (index % READ_AT_ONCE === READ_AT_ONCE - 1) await setImmediate();
    const entry = readEntry(places, { kind, group, slot });
    if (entry !== undefined) found.push(entry);
  }
  return found;
}

/** All entries of a kind, in no order. */
export async function readAll(places: Places, kind: EntryAt["kind"]): Promise<FoundEntry[]> {
  const found: FoundEntry[] = [];
  for (const group of await readdir(places[kind])) found.push(...(await readGroup(places, kind, group)));
  return found;
}

/** Undefined when the entry is gone, or what lies there is none of ours. */
export function readParts(places: Places, at: EntryAt): readonly Part[] | undefined {
  const value = orUndefined(() => parseJson(readFileSync(join(entryDir(places, at), PARTS_FILE), "utf8")));
  return Array.isArray(value) && value.every(isPart) ? value : undefined;
}

/** Says that the directory of an entry was used at that time. */
export function touchEntry(dir: string, at: number): void {
  orUndefined(() => utimesSync(join(dir, META_FILE), at / 1000, at / 1000));
}

function isPart(value: unknown): value is Part {
  if (!Array.isArray(value)) return false;
  const [file, sizeBytes] = value as unknown[];
  return typeof file === "string" && PART_FILE.test(file) && Number.isSafeInteger(sizeBytes);
}

function isMeta(value: unknown): value is Meta {
  if (typeof value !== "object" || value === null) return false;
  const { v, unique, sizeBytes, createdAt, name } = value as Record<string, unknown>;
  return (
    v === 1 &&
    typeof unique === "string" &&
    typeof name === "string" &&
    Number.isSafeInteger(sizeBytes) &&
    Number.isSafeInteger(createdAt)
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // After a power cut a file may be there without its content: no entry then.
  }
}

/** Another process may take an entry away at any time. */
function orUndefined<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (errno(error) === "ENOENT" || errno(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
