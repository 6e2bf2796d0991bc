/** What this job has begun to upload, by the name it will have and by the id in its URL. */

import { randomBytes } from "node:crypto";

import type { CacheName, Store, Upload } from "./store.ts";

export type OpenUpload = {
  /** In the signed URL. */
  readonly id: string;
  /** Cache v1 names uploads by number. */
  readonly number: number;
  readonly upload: Upload;
  /** Cache v1: bytes that came, by where they begin. */
  readonly chunks: Map<number, number>;
  readonly note: Note;
};

/** What came with the reservation and is needed at its end. */
export type Note =
  | { readonly kind: "cache"; readonly cache: CacheName }
  | { readonly kind: "artifact"; readonly mimeType?: string; readonly expiresAt?: number };

export type OpenUploads = {
  /** `taken`: that name is being uploaded; `full`: too many are open. */
  begin(name: string, note: Note): Promise<OpenUpload | "taken" | "full">;
  byId(id: string): OpenUpload | undefined;
  byNumber(number: number): OpenUpload | undefined;
  byName(kind: Note["kind"], name: string): OpenUpload | undefined;
  /** Forgets it, whether it was published or not. */
  end(open: OpenUpload): Promise<void>;
  endAll(): Promise<void>;
};

/** A job that uploads more at once has lost its way. */
const OPEN_MAX = 256;
/** A step that was killed while uploading blocks its name for so long. Longer than any client is silent between two parts. */
const IDLE_MS = 10 * 60_000;

/** One table a job. */
export function createOpenUploads(store: Store, now: () => number): OpenUploads {
  const table = new Map<string, { readonly open: OpenUpload; usedAt: number }>();
  const beginning = new Set<string>();
  let count = 0;

  const find = (wanted: (open: OpenUpload) => boolean): OpenUpload | undefined => {
    const found = [...table.values()].find(({ open }) => wanted(open));
    if (found !== undefined) found.usedAt = now();
    return found?.open;
  };
  const end = async (open: OpenUpload): Promise<void> => {
    for (const [key, held] of table) if (held.open === open) table.delete(key);
    await open.upload.drop();
  };

  return {
    async begin(name, note) {
      const key = keyOf(note.kind, name);
      for (const { open, usedAt } of table.values()) if (now() - usedAt >= IDLE_MS) await end(open);
      if (beginning.has(key) || table.has(key)) return "taken";
      if (table.size + beginning.size >= OPEN_MAX) return "full";
      beginning.add(key);
      try {
        const upload = await store.openUpload(note.kind);
        count += 1;
        const id = randomBytes(16).toString("hex");
        const open: OpenUpload = { id, number: count, upload, chunks: new Map(), note };
        table.set(key, { open, usedAt: now() });
        return open;
      } finally {
        beginning.delete(key);
      }
    },
    byId: (id) => find((open) => open.id === id),
    byNumber: (number) => find((open) => open.number === number),
    byName: (kind, name) => table.get(keyOf(kind, name))?.open,
    end,
    async endAll() {
      for (const { open } of table.values()) await end(open);
    },
  };
}

function keyOf(kind: string, name: string): string {
  return `${kind} ${name}`;
}
