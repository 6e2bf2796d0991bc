/** Reads git's index without git: what hides changes, and where submodules and attributes are. */

import { existsSync, readFileSync } from "node:fs";

export type IndexFacts = {
  /** False: bits or extensions that could hide a change. The index is then made anew. */
  readonly isHonest: boolean;
  readonly submodules: readonly { readonly path: string; readonly sha: string }[];
  /** Every `.gitattributes`. */
  readonly attributes: readonly string[];
  /** What those files are: another one may mean other bytes for a file that is itself unchanged. */
  readonly attributesId: string;
  /** The tree that all entries together are, as git noted it when it wrote the index; it does not always. */
  readonly tree: string | undefined;
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
const OID_BYTES = 20;
/** A NUL, two numbers of 32 bits, a space and a line feed. */
const RECORD_HEAD_MAX_BYTES = 24;
/** Caches that git checks itself. Others (split index, fsmonitor, untracked cache, sparse directories) can hide things. */
const HARMLESS_EXTENSIONS = new Set(["TREE", "REUC", "EOIE", "IEOT"]);
const ATTRIBUTES = Buffer.from(".gitattributes");
const LAST_OF_ATTRIBUTES = 0x73;
const DISHONEST: IndexFacts = {
  isHonest: false,
  submodules: [],
  attributes: [],
  attributesId: "",
  tree: undefined,
};

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
  let attributesId = "";
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
    if (bytes[nameEnd - 1] === LAST_OF_ATTRIBUTES && isAttributes(bytes, nameAt, nameEnd)) {
      attributes.push(bytes.toString("utf8", nameAt, nameEnd));
      attributesId += bytes.toString("latin1", at + 40, nameEnd);
    }
    // Entries are padded with 1 to 8 NULs to a multiple of eight.
    at += (nameEnd - at + 8) & ~7;
  }
  let tree: string | undefined;
  while (at + 8 <= end) {
    const name = bytes.toString("latin1", at, at + 4);
    if (!HARMLESS_EXTENSIONS.has(name)) return DISHONEST;
    const next = at + 8 + bytes.readUInt32BE(at + 4);
    if (name === "TREE") tree = rootOf(bytes.subarray(at + 8, Math.min(next, end)), count);
    at = next;
  }
  return { isHonest: true, submodules, attributes, attributesId, tree };
}

/** The first record of the extension `TREE`: no path, how many entries, how many subtrees, the object's name. */
function rootOf(extension: Buffer, entries: number): string | undefined {
  const [head, covered] = /^\0(\d+) \d+\n/.exec(extension.toString("latin1", 0, RECORD_HEAD_MAX_BYTES)) ?? [];
  if (head === undefined || Number(covered) !== entries) return undefined;
  const oid = extension.subarray(head.length, head.length + OID_BYTES);
  return oid.length === OID_BYTES ? oid.toString("hex") : undefined;
}

function isAttributes(bytes: Buffer, from: number, to: number): boolean {
  const start = to - ATTRIBUTES.length;
  if (start < from || bytes.compare(ATTRIBUTES, 0, ATTRIBUTES.length, start, to) !== 0) return false;
  return start === from || bytes[start - 1] === 0x2f;
}
