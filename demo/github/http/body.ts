import type { IncomingMessage } from "node:http";
import { Failure } from "./failure.ts";

/** Reads a whole body of at most `limitBytes`; a longer one is refused with 413. */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw new Failure(413, "Payload too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
