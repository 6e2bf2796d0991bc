import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { DemoError } from "./demo-error.ts";

/** What the demo remembers between two starts on one state directory. */
export type Memory = {
  readonly v: 1;
  readonly githubPort: number;
  readonly appPort: number;
  readonly pull: { readonly repo: string; readonly number: number; readonly from: string } | null;
  /** Comments that were not all seen through; null when there is nothing to go on with. */
  readonly session: Session | null;
};

export type Session = {
  readonly comments: readonly string[];
  /** Check runs up to this one belong to earlier sessions. */
  readonly afterCheck: number;
  /** The comments that are written or about to be, in order. */
  readonly posted: readonly Posted[];
};

/** A comment, with what was the newest before it; `comment` null: perhaps not written. */
export type Posted = { comment: number | null; readonly afterCheck: number; readonly afterComment: number };

export type State = {
  readonly dir: string;
  readonly temporary: boolean;
  readonly githubDir: string;
  readonly appDir: string;
  readonly appLog: string;
  /** Null at the first start. */
  memory(): Memory | null;
  remember(memory: Memory): void;
};

const MEMORY_FILE = "demo.json";

/** Opens the directory that keeps everything, a temporary one when none is named. Throws `DemoError` for one that is not ours. */
export function openState(wanted: string | null): State {
  const dir =
    wanted === null ? mkdtempSync(join(realpathSync(tmpdir()), "crabbox-demo-")) : existing(resolve(wanted));
  const file = join(dir, MEMORY_FILE);
  return {
    dir,
    temporary: wanted === null,
    githubDir: join(dir, "github"),
    appDir: join(dir, "app"),
    appLog: join(dir, "app.log"),
    memory: () => (existsSync(file) ? readMemory(file) : null),
    remember(memory) {
      writeFileSync(`${file}.new`, JSON.stringify(memory, null, 2), { mode: 0o600, flush: true });
      renameSync(`${file}.new`, file);
    },
  };
}

function existing(dir: string): string {
  if (existsSync(dir) && !statSync(dir).isDirectory())
    throw new DemoError(`--state ${dir} is a file.`, "Name a directory; it is made when it is missing.");
  try {
    makeDirectories(resolve(dir));
  } catch (cause) {
    throw new DemoError(`--state ${dir} cannot be made.`, "Name a place where you may write.", String(cause));
  }
  if (!existsSync(join(dir, MEMORY_FILE)) && readdirSync(dir).length > 0)
    throw new DemoError(
      `--state ${dir} holds other things.`,
      "Name an empty or new directory, or one of an earlier demo.",
    );
  return realpathSync(dir);
}

/** Not `recursive`: where the kernel makes no directories (/proc) Node 24's never ends. */
function makeDirectories(path: string): void {
  if (existsSync(path)) return;
  makeDirectories(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

function readMemory(file: string): Memory {
  try {
    const memory = JSON.parse(readFileSync(file, "utf8")) as Memory;
    if (memory.v === 1) return memory;
  } catch {
    // Told below, like a version of some other time.
  }
  throw new DemoError(`${file} cannot be understood.`, "Use another --state, or remove that directory.");
}
