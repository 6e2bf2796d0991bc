/** Bytes on their way in: a directory under `uploads/`, which publishing renames to where the entry lies. */

import { renameSync, unlinkSync } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

import { isDiskFull } from "../../../claim.ts";
import { errno } from "../../../once.ts";
import type { Put, Upload } from "../store.ts";
import type { Part } from "./entry.ts";
import { bury } from "./entry.ts";
import { UPLOAD_MAX_PARTS } from "./limits.ts";
import { randomName } from "./places.ts";

/** What all open uploads of this process hold together. */
export type Budget = { usedBytes: number; readonly maxBytes: number };

export type FileUpload = Upload & {
  readonly kind: "cache" | "artifact";
  readonly dir: string;
  /** Ends the upload for others: the parts that were sealed, or undefined when none were or it was taken before. */
  take(): { readonly parts: readonly Part[]; readonly sizeBytes: number } | undefined;
};

const TOO_LARGE: Put = { ok: false, why: "too_large" };
const GONE: Put = { ok: false, why: "gone" };

/** Opens one below `session`, a directory of this process alone. */
export async function openFileUpload(
  session: string,
  kind: FileUpload["kind"],
  maxBytes: number,
  budget: Budget,
): Promise<FileUpload> {
  const dir = join(session, randomName());
  await mkdir(dir, { mode: 0o700 });
  const parts = new Map<string, Part>();
  const onDisk = new Set<Part>();
  let sealed: readonly Part[] | undefined;
  let isOpen = true;
  let made = 0;
  let heldBytes = 0;
  const hold = (bytes: number): void => {
    heldBytes += bytes;
    budget.usedBytes += bytes;
  };

  /** One whole file becomes the part; what it replaces stays when it is sealed. */
  const keep = (name: string, temporary: string, sizeBytes: number): void => {
    const file = `part-${(made += 1)}`;
    renameSync(temporary, join(dir, file));
    const before = parts.get(name);
    const part: Part = [file, sizeBytes];
    parts.set(name, part);
    onDisk.add(part);
    if (before === undefined || sealed?.includes(before) === true) return;
    onDisk.delete(before);
    unlinkSync(join(dir, before[0]));
    hold(-before[1]);
  };

  const put = async (name: string, bytes: AsyncIterable<Uint8Array>): Promise<Put> => {
    if (!isOpen) return GONE;
    if (made >= UPLOAD_MAX_PARTS) return { ok: false, why: "too_many" };
    // Beside the directory: a part that is not whole must not be in it when it is published.
    const temporary = join(session, `${randomName()}.tmp`);
    let sizeBytes = 0;
    let isKept = false;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        for await (const chunk of bytes) {
          if (!isOpen) return GONE;
          sizeBytes += chunk.length;
          hold(chunk.length);
          if (heldBytes > maxBytes || budget.usedBytes > budget.maxBytes) return TOO_LARGE;
          await file.appendFile(chunk);
        }
      } finally {
        await file.close();
      }
      if (!isOpen) return GONE;
      keep(name, temporary, sizeBytes);
      isKept = true;
      return { ok: true, sizeBytes };
    } catch (error) {
      if (isDiskFull(error)) return { ok: false, why: "disk_full" };
      // The session was swept away because this process stood still for long.
      if (errno(error) === "ENOENT") return GONE;
      throw error;
    } finally {
      if (!isKept) {
        if (isOpen) hold(-sizeBytes);
        await rm(temporary, { force: true });
      }
    }
  };

  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    hold(-heldBytes);
  };

  return {
    kind,
    dir,
    put,
    seal(names) {
      if (!isOpen) return Promise.resolve(GONE);
      if (names.length > UPLOAD_MAX_PARTS) return Promise.resolve<Put>({ ok: false, why: "too_many" });
      const chosen: Part[] = [];
      for (const name of names) {
        const part = parts.get(name);
        if (part === undefined) return Promise.resolve<Put>({ ok: false, why: "unknown_part" });
        chosen.push(part);
      }
      const sizeBytes = sizeOf(chosen);
      if (sizeBytes > maxBytes) return Promise.resolve(TOO_LARGE);
      sealed = chosen;
      return Promise.resolve<Put>({ ok: true, sizeBytes });
    },
    async drop() {
      end();
      await bury(dir);
    },
    take() {
      if (!isOpen || sealed === undefined) return undefined;
      end();
      const used = new Set(sealed);
      for (const part of onDisk) if (!used.has(part)) unlinkSync(join(dir, part[0]));
      return { parts: sealed, sizeBytes: sizeOf(sealed) };
    },
  };
}

function sizeOf(parts: readonly Part[]): number {
  return parts.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
}
