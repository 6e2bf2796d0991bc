/** Bodies of requests, bounded. */

import type { IncomingMessage } from "node:http";

export type Fields = Readonly<Record<string, unknown>>;

/** Ten keys of 512 characters and their like; nothing a client sends comes near. */
const JSON_MAX_BYTES = 128 * 1024;

/** The body's bytes. Who stops reading leaves the connection as it is, so that an answer still gets through. */
export function bodyBytes(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** The body as text, or undefined when it is longer than `maxBytes`. */
export async function readText(request: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) return undefined;
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of bodyBytes(request)) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The body as a JSON object, or undefined when it is none. */
export async function readFields(request: IncomingMessage): Promise<Fields | undefined> {
  const text = await readText(request, JSON_MAX_BYTES);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined; // Refused like any other wrong body.
  }
}

/**
 * A text of a protobuf message in JSON, which may be written with either of its two names. The empty string when it is
 * left out, as protobuf has it; undefined when it is no text or longer than `maxLength`.
 */
export function textField(fields: Fields, name: string, maxLength: number): string | undefined {
  const value = fields[name] ?? fields[camelCase(name)] ?? "";
  return typeof value === "string" && value.length <= maxLength ? value : undefined;
}

/** The same for a 64-bit number, which is a text or a number; undefined when it is none or below zero. */
export function sizeField(fields: Fields, name: string): number | undefined {
  const value = fields[name] ?? fields[camelCase(name)] ?? 0;
  const isNumber = typeof value === "number" || (typeof value === "string" && /^[0-9]{1,16}$/.test(value));
  const number = isNumber ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

/** The same for a list of texts. */
export function listField(
  fields: Fields,
  name: string,
  maxCount: number,
  maxLength: number,
): readonly string[] | undefined {
  const value = fields[name] ?? fields[camelCase(name)] ?? [];
  if (!Array.isArray(value) || value.length > maxCount) return undefined;
  const list: unknown[] = value;
  return list.every((one): one is string => typeof one === "string" && one.length <= maxLength)
    ? list
    : undefined;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/gu, (_, letter: string) => letter.toUpperCase());
}
