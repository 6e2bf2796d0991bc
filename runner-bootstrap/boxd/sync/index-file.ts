/** Reads git's index without git: what hides changes, and where submodules and attributes are. */

import { existsSync, readFileSync } from "node:fs";

export type IndexFacts = {
  /** False: bits or extensions that could hide a change. The index is then made anew. */
  readonly isHonest: boolean;
  readonly submodules: readonly { readonly path: string; readonly sha: string }[];
  /** Every `.gitattributes`. */
  readonly attributes: readonly string[];
};

/** The second lowest byte of the mode 160000. */
const GITLINK = 0xe0;
const ENTRY_FIXED_BYTES = 62;
/** Bits of the flags' and extended flags' higher byte. */
const EXTENDED = 0x40;
const ASSUME_VALID = 0x80;
const SKIP_WORKTREE = 0x40;
const NAME_LENGTH_HIGH = 0x0f;
const NAME_LENGTH_MAX = 0xfff;
const CHECKSUM_BYTES = 20;
/** Caches that git checks itself. Others (split index, fsmonitor, untracked cache, sparse directories) can hide things. */
const HARMLESS_EXTENSIONS = new Set(["TREE", "REUC", "EOIE", "IEOT"]);
const ATTRIBUTES = Buffer.from(".gitattributes");
const LAST_OF_ATTRIBUTES = 0x73;
const DISHONEST: IndexFacts = { isHonest: false, submodules: [], attributes: [] };

/** Facts of an index of version 2 or 3; any other, a broken one, and none at all are not honest. */
export function readIndexFacts(path: string): IndexFacts {
  if (!existsSync(path)) return DISHONEST;
  const bytes = readFileSync(path);
  if (bytes.length < 12 + CHECKSUM_BYTES || bytes.toString("latin1", 0, 4) !== "DIRC") return DISHONEST;
  const version = bytes.readUInt32BE(4);
  const count = bytes.readUInt32BE(8);
  if (version !== 2 && version !== 3) return DISHONEST;
  const end = bytes.length - CHECKSUM_BYTES;
  const submodules: { path: string; sha: string }[] = [];
  const attributes: string[] = [];
  let at = 12;
  for (let entry = 0; entry < count; entry += 1) {
    if (at + ENTRY_FIXED_BYTES > end) return DISHONEST;
    // Byte by byte: this runs once for each file of the tree, and mostly before it is compiled.
    const high = bytes[at + 60] ?? 0;
    const isExtended = (high & EXTENDED) !== 0;
    if ((high & ASSUME_VALID) !== 0 || (isExtended && ((bytes[at + 62] ?? 0) & SKIP_WORKTREE) !== 0))
      return DISHONEST;
    const nameAt = at + ENTRY_FIXED_BYTES + (isExtended ? 2 : 0);
    const length = ((high & NAME_LENGTH_HIGH) << 8) | (bytes[at + 61] ?? 0);
    const nameEnd = length < NAME_LENGTH_MAX ? nameAt + length : bytes.indexOf(0, nameAt);
    if (nameEnd < 0 || nameEnd > end) return DISHONEST;
    if (bytes[at + 26] === GITLINK)
      submodules.push({
        path: bytes.toString("utf8", nameAt, nameEnd),
        sha: bytes.toString("hex", at + 40, at + 60),
      });
    if (bytes[nameEnd - 1] === LAST_OF_ATTRIBUTES && isAttributes(bytes, nameAt, nameEnd))
      attributes.push(bytes.toString("utf8", nameAt, nameEnd));
    // Entries are padded with 1 to 8 NULs to a multiple of eight.
    at += (nameEnd - at + 8) & ~7;
  }
  while (at + 8 <= end) {
    if (!HARMLESS_EXTENSIONS.has(bytes.toString("latin1", at, at + 4))) return DISHONEST;
    at += 8 + bytes.readUInt32BE(at + 4);
  }
  return { isHonest: true, submodules, attributes };
}

function isAttributes(bytes: Buffer, from: number, to: number): boolean {
  const start = to - ATTRIBUTES.length;
  if (start < from || bytes.compare(ATTRIBUTES, 0, ATTRIBUTES.length, start, to) !== 0) return false;
  return start === from || bytes[start - 1] === 0x2f;
}
