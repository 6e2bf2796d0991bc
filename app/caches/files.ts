import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Left to the store and the logs, which stop everything when they cannot write: what one run's log may have by default. */
const FREE_MIN_BYTES = 256 * 1024 ** 2;
const SHA256 = /^[0-9a-f]{64}$/u;
/** How a file is called while it comes: this many random bytes. */
const COMING_BYTES = 12;
const COMING_NAME = /^\.[0-9a-f]{24}$/u;
/** A file whose row is being written is younger. */
const STALE_MS = 6 * 3_600_000;

/** Contents by hash in one folder, which is made when it is needed. */
export type CacheFiles = {
  /** A file to write into, seen by nobody; null when the disk has no room for it. */
  begin(sizeBytes: number): Promise<{ readonly path: string; readonly target: Writable } | null>;
  /** Gives what was written its name, when it has that many bytes. */
  end(path: string, sha256: string, sizeBytes: number): Promise<boolean>;
  /** Safe to repeat. */
  drop(path: string): Promise<void>;
  /** Null when it is not there whole. */
  open(sha256: string, sizeBytes: number): Promise<Readable | null>;
  remove(sha256: string): Promise<void>;
  /** Names of all that is there. */
  all(): Promise<ReadonlySet<string>>;
  /** Hashes of files that have been there for hours; what fetches of an earlier process left behind is removed. */
  old(now: number): Promise<readonly string[]>;
};

/** Whether a text is a hash as these files are named. */
export function isSha256(text: string): boolean {
  return SHA256.test(text);
}

/** Bytes that are still to come, by the file that they come into. */
export type ComingBytes = Map<string, number>;

/** `coming`: one for all folders of a disk, so that none promises what another has promised. */
export function createCacheFiles(dir: string, coming: ComingBytes = new Map()): CacheFiles {
  return {
    async begin(sizeBytes) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(dir);
      const promised = [...coming.values()].reduce((sum, bytes) => sum + bytes, sizeBytes);
      if (bavail * bsize - promised < FREE_MIN_BYTES) return null;
      const path = join(dir, `.${randomBytes(COMING_BYTES).toString("hex")}`);
      coming.set(path, sizeBytes);
      // Opened now: a stream would make the file after it was dropped.
      const file = await open(path, "wx", 0o600).catch((thrown: unknown) => {
        coming.delete(path);
        throw thrown;
      });
      const target = file.createWriteStream();
      // Whoever writes hears of a failure; where nobody writes yet, it must not end the process.
      target.on("error", () => undefined);
      return { path, target };
    },
    async end(path, sha256, sizeBytes) {
      const file = await open(path, "r");
      try {
        if ((await file.stat()).size !== sizeBytes) return false;
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(path, join(dir, sha256));
      return true;
    },
    async drop(path) {
      coming.delete(path);
      await rm(path, { force: true });
    },
    async open(sha256, sizeBytes) {
      // Opened now: a stream would find out later, when nobody may be listening yet.
      const file = await open(join(dir, sha256), "r").catch(absent);
      if (file === null) return null;
      if ((await file.stat()).size === sizeBytes) return file.createReadStream();
      await file.close();
      return null;
    },
    remove: (sha256) => rm(join(dir, sha256), { force: true }),
    all: async () => new Set(await readdir(dir).catch(absent)),
    async old(now) {
      const names = (await readdir(dir).catch(absent)) ?? [];
      const hashes: string[] = [];
      for (const name of names) {
        const path = join(dir, name);
        // Of an earlier process: there is one App a state directory, and this one knows its own.
        if (COMING_NAME.test(name) && !coming.has(path)) await rm(path, { force: true });
        // What others put there (a volume's lost+found) stays.
        if (!isSha256(name)) continue;
        const found = await stat(path).catch(absent);
        if (found !== null && found.mtimeMs <= now - STALE_MS) hashes.push(name);
      }
      return hashes;
    },
  };
}

function absent(thrown: unknown): null {
  if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return null;
  throw thrown;
}
