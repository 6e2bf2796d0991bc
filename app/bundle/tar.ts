/** One member of a tar archive in the ustar form (POSIX 1003.1-1988), which every tar reads. */

const BLOCK_BYTES = 512;
const NAME_MAX = 100;
/** Eleven octal digits. */
const SIZE_MAX = 8 ** 11 - 1;

/** The header of a plain file. `name`: ours, at most 100 bytes of ASCII. */
export function tarHeader(name: string, sizeBytes: number, mtimeMs: number): Buffer {
  if (name.length > NAME_MAX || sizeBytes > SIZE_MAX) throw new RangeError(`${name}: too long or too large`);
  const header = Buffer.alloc(BLOCK_BYTES);
  header.write(name, 0, "latin1");
  header.write(octal(0o644, 7), 100, "latin1");
  header.write(octal(0, 7), 108, "latin1");
  header.write(octal(0, 7), 116, "latin1");
  header.write(octal(sizeBytes, 11), 124, "latin1");
  header.write(octal(Math.floor(mtimeMs / 1_000), 11), 136, "latin1");
  // The checksum counts its own field as spaces; a plain file is type 0.
  header.write("        0", 148, "latin1");
  header.write("ustar\u000000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148, "latin1");
  return header;
}

/** What fills a member of this size up to whole blocks. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** Two empty blocks end an archive. */
export function tarEnd(): Buffer {
  return Buffer.alloc(2 * BLOCK_BYTES);
}

function octal(value: number, digits: number): string {
  return `${value.toString(8).padStart(digits, "0")}\0`;
}
