import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";

/** A middling repository: 10,000 files, 14 MB, 26 commits. */
const FILES = 10_000;
const COMMITS = 26;
const FILE_BYTES = 1_400;
const FILES_PER_FOLDER = 100;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;

/** Makes a bare repository of that size below `dir`, branch `main`, the same bytes each time. Answers its path. */
export function makeLargeRepository(dir: string): string {
  const path = join(dir, "large.git");
  execFileSync("git", ["init", "-q", "--bare", "-b", "main", path]);
  execFileSync("git", ["-C", path, "fast-import", "--quiet"], {
    input: history(),
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  return path;
}

function history(): string {
  const parts: string[] = [];
  for (let commit = 0; commit < COMMITS; commit += 1) {
    const message = `Commit ${commit}\n`;
    parts.push(
      `commit refs/heads/main\ncommitter Ada <ada@example.com> ${1_700_000_000 + commit} +0000\ndata ${message.length}\n${message}\n`,
    );
    // The first brings everything, each later one touches a few.
    for (let file = 0; file < FILES; file += commit === 0 ? 1 : FILES / 20) {
      const text = contents(`${commit}/${file}`);
      parts.push(`M 100644 inline ${pathOf(file)}\ndata ${text.length}\n${text}\n`);
    }
  }
  return parts.join("");
}

function pathOf(file: number): string {
  return `src/part${Math.floor(file / FILES_PER_FOLDER)}/file${file % FILES_PER_FOLDER}.txt`;
}

/** Text that compresses about as source does. */
function contents(seed: string): string {
  let text = "";
  for (let line = 0; text.length < FILE_BYTES; line += 1)
    text += `const value${line} = "${createHash("sha256").update(`${seed}:${line}`).digest("hex").slice(0, 16)}"; // a line of source\n`;
  return `${text.slice(0, FILE_BYTES - 1)}\n`;
}
