/** Reading lines from where somebody else writes, in bounded memory. */

export type LineReader = { push(chunk: Uint8Array): void };

/** Calls back with each line, without its end; with undefined, and then never again, when one is too long. */
export function createLineReader(maxBytes: number, onLine: (line: string | undefined) => void): LineReader {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let isOver = false;
  return {
    push(chunk) {
      let rest = Buffer.from(chunk);
      while (!isOver && rest.length > 0) {
        const end = rest.indexOf(0x0a);
        const part = end === -1 ? rest : rest.subarray(0, end);
        heldBytes += part.length;
        if (heldBytes > maxBytes) {
          isOver = true;
          held = [];
          onLine(undefined);
          return;
        }
        held.push(part);
        if (end === -1) return;
        const line = Buffer.concat(held).toString("utf8");
        held = [];
        heldBytes = 0;
        rest = rest.subarray(end + 1);
        onLine(line);
      }
    },
  };
}

/** The first line of a stream; undefined when it ends before, `"too long"` when it is longer than `maxBytes`. */
export async function firstLine(
  stream: NodeJS.ReadableStream,
  maxBytes: number,
): Promise<string | undefined | { readonly tooLong: true }> {
  return new Promise((resolve) => {
    const lines = createLineReader(maxBytes, (line) => resolve(line ?? { tooLong: true }));
    stream.on("data", (chunk: Buffer) => lines.push(chunk));
    stream.once("end", () => resolve(undefined));
    stream.once("error", () => resolve(undefined));
    stream.once("close", () => resolve(undefined));
  });
}
