import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createReadStream, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { ActionArchive } from "../../../runner-bootstrap/boxd/task.ts";
import type { Clock } from "../../clock.ts";
import { AppError } from "../../errors.ts";
import type { ActionSource } from "../action-source.ts";
import type { Archive } from "../plan/types.ts";
import { touch } from "./least-used.ts";

/** All packs together; the actions of a few hundred repositories, or some large trees. */
const MAX_KEPT_BYTES = 5 * 1024 * 1024 * 1024;
/** The largest tree that is taken (1 GiB), compressed on a slow shared machine. */
const TAR_TIMEOUT_MS = 300_000;
/** Longer than fetching, unpacking and packing one tree may take. */
const LEFT_OVER_MS = 15 * 60_000;
/** As the planner names archives. */
const NAME = /^[a-z0-9][a-z0-9._+-]{0,250}$/u;
const ENDING = ".tar.gz";

export type Packs = {
  /** A commit's tree as one file, made once; hashed when this process first meets it. Throws as `ActionSource.unpack`. Safe at once. */
  pack(source: Pick<ActionSource, "unpack">, archive: Archive): Promise<ActionArchive>;
  /** The content of a pack. Throws task_refused when it was cleared away since. */
  open(archive: ActionArchive): Readable;
};

/** Packs below `dir`, by commit. The least recently used go when there are too many. */
export function createPacks(
  dir: string,
  clock: Pick<Clock, "now">,
  maxBytes: number = MAX_KEPT_BYTES,
): Packs {
  const known = new Map<string, Promise<ActionArchive>>();
  removeLeftOvers(dir, clock.now());
  const fileOf = (name: string): string => join(dir, `${name}${ENDING}`);

  async function make(
    source: Pick<ActionSource, "unpack">,
    { archive, nwo, sha }: Archive,
  ): Promise<ActionArchive> {
    if (!NAME.test(archive))
      throw new AppError("internal", `${archive} is no archive's name.`, "Report this.");
    const file = fileOf(archive);
    if (!existsSync(file)) {
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      const staging = join(dir, `.${randomBytes(6).toString("hex")}`);
      try {
        await source.unpack(nwo, sha, staging);
        await tar(staging, `${staging}.part`);
        renameSync(`${staging}.part`, file);
      } finally {
        rmSync(staging, { recursive: true, force: true });
        rmSync(`${staging}.part`, { force: true });
      }
      clear(dir, archive, maxBytes);
    }
    touch(file, clock.now());
    return { archive, sha256: await hashOf(file), sizeBytes: statSync(file).size };
  }

  return {
    async pack(source, archive) {
      const had = known.get(archive.archive);
      if (had !== undefined && existsSync(fileOf(archive.archive))) return had;
      const making = make(source, archive);
      known.set(archive.archive, making);
      try {
        return await making;
      } catch (error) {
        known.delete(archive.archive);
        throw error;
      }
    },
    open({ archive, sizeBytes }) {
      const file = fileOf(NAME.test(archive) ? archive : "none");
      const isThere = statSync(file, { throwIfNoEntry: false })?.size === sizeBytes;
      if (isThere) return createReadStream(file);
      throw new AppError(
        "task_refused",
        `The App's copy of the action ${archive} is not there any more.`,
        "It is fetched again for the next attempt.",
      );
    },
  };
}

async function tar(from: string, into: string): Promise<void> {
  const child = spawn("tar", ["-czf", into, "-C", from, "."], {
    stdio: "ignore",
    signal: AbortSignal.timeout(TAR_TIMEOUT_MS),
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (code === 0) return;
  throw new AppError(
    "action_unusable",
    `An action could not be packed: tar ended with ${code ?? signal}.`,
    "The App's disk may be full.",
  );
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** What a process that was killed has begun; of another one that is alive, nothing is that old. */
function removeLeftOvers(dir: string, now: number): void {
  if (!existsSync(dir)) return;
  for (const name of readdirSync(dir).filter((each) => each.startsWith("."))) {
    const path = join(dir, name);
    const at = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now;
    if (now - at > LEFT_OVER_MS) rmSync(path, { recursive: true, force: true });
  }
}

/** Oldest use first, never the newest. */
function clear(dir: string, newest: string, maxBytes: number): void {
  const files = readdirSync(dir)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => {
      const { size, mtimeMs } = statSync(join(dir, name));
      return { name, size, mtimeMs };
    })
    .sort((a, b) => a.mtimeMs - b.mtimeMs);
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of files) {
    if (total <= maxBytes) return;
    if (name === `${newest}${ENDING}`) continue;
    rmSync(join(dir, name), { force: true });
    total -= size;
  }
}
