/** What a door answers, and how it goes out. */

import type { ServerResponse } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export type Answer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is for one `content-length` in the headers. */
  readonly body?: string | Readable;
};

/** An answer with a JSON body. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

/** Writes the answer. A stream that breaks ends the connection: the client must not take it for whole. */
export async function sendAnswer(response: ServerResponse, answer: Answer, isHead: boolean): Promise<void> {
  const { body } = answer;
  response.writeHead(answer.status, {
    ...(typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {}),
    ...answer.headers,
  });
  if (typeof body === "object" && !isHead) return pipeline(body, response);
  if (typeof body === "object") body.destroy();
  response.end(typeof body === "string" && !isHead ? body : undefined);
}
