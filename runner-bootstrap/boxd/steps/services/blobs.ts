/** The blob side: what clients of Azure's storage do with a signed URL (Put Block, Put Block List, Put Blob, Get Blob). */

import type { IncomingMessage } from "node:http";

import type { Answer } from "./answer.ts";
import type { OpenUpload, OpenUploads } from "./open-uploads.ts";
import { byteRange } from "./ranges.ts";
import { bodyBytes, readText } from "./request-body.ts";
import type { Signer } from "./signed-url.ts";
import type { OpenBody, Put, Store } from "./store.ts";

export type BlobDeps = {
  readonly store: Store;
  readonly uploads: OpenUploads;
  readonly signer: Signer;
};

export const BLOBS_PREFIX = "/blobs/";

/** 50,000 blocks with an id of 64 bytes each, in base64 and tags. */
const BLOCK_LIST_MAX_BYTES = 8 * 1024 * 1024;
/** 64 bytes in base64. */
const BLOCK_ID_MAX_LENGTH = 88;
const BLOCK = /<(Latest|Uncommitted|Committed)>\s*([A-Za-z0-9+/=]{1,88})\s*<\/\1>/gu;
const WHOLE_BLOB = "whole";
const STATUS_OF: Readonly<Record<(Put & { ok: false })["why"], readonly [status: number, code: string]>> = {
  too_large: [413, "RequestBodyTooLarge"],
  too_many: [409, "BlockCountExceedsLimit"],
  unknown_part: [400, "InvalidBlockList"],
  gone: [404, "BlobNotFound"],
  disk_full: [507, "InsufficientStorage"],
};

/** Answers a request below the prefix. Only the signature decides: no token comes with it. */
export async function answerBlob(deps: BlobDeps, request: IncomingMessage, url: URL): Promise<Answer> {
  const grant = deps.signer.verify(request.method ?? "", url);
  if (grant === undefined) return refuse(403, "AuthenticationFailed");
  if (grant.of === "upload") {
    const open = deps.uploads.byId(grant.id);
    return open === undefined ? refuse(404, "BlobNotFound") : takeUpload(open, request, url);
  }
  const body = await deps.store.openBody(grant.id);
  return body === undefined ? refuse(404, "BlobNotFound") : giveBody(body, request);
}

async function takeUpload({ upload }: OpenUpload, request: IncomingMessage, url: URL): Promise<Answer> {
  const comp = url.searchParams.get("comp");
  if (comp === "block") {
    const id = url.searchParams.get("blockid") ?? "";
    if (id === "" || id.length > BLOCK_ID_MAX_LENGTH) return refuse(400, "InvalidBlobOrBlock");
    return putAnswer(await upload.put(blockName(id), bodyBytes(request)));
  }
  if (comp === "blocklist") {
    const list = await readText(request, BLOCK_LIST_MAX_BYTES);
    if (list === undefined) return refuse(413, "RequestBodyTooLarge");
    const ids = [...list.matchAll(BLOCK)].map(([, , id]) => blockName(id ?? ""));
    return putAnswer(await upload.seal(ids));
  }
  if (comp !== null) return refuse(400, "InvalidQueryParameterValue");
  const put = await upload.put(WHOLE_BLOB, bodyBytes(request));
  return putAnswer(put.ok ? await upload.seal([WHOLE_BLOB]) : put);
}

function giveBody(body: OpenBody, request: IncomingMessage): Answer {
  const asked = request.headers["x-ms-range"] ?? request.headers.range;
  const range = byteRange(typeof asked === "string" ? asked : undefined, body.sizeBytes);
  if (range === "outside")
    return refuse(416, "InvalidRange", { "content-range": `bytes */${body.sizeBytes}` });
  const headers = {
    ...blobHeaders(body),
    "content-type":
      body.mimeType ?? (body.name === undefined ? "application/octet-stream" : "application/zip"),
    "accept-ranges": "bytes",
    // Post steps of old clients end only when their connections do.
    connection: "close",
  };
  const { from, to } = range === "whole" ? { from: 0, to: body.sizeBytes - 1 } : range;
  return {
    status: range === "whole" ? 200 : 206,
    headers: {
      ...headers,
      "content-length": String(to - from + 1),
      ...(range === "whole" ? {} : { "content-range": `bytes ${from}-${to}/${body.sizeBytes}` }),
    },
    ...(to < from ? {} : { body: body.read(from, to) }),
  };
}

function blobHeaders({ createdAt, name, mimeType }: OpenBody): Record<string, string> {
  const modified = {
    "last-modified": new Date(createdAt).toUTCString(),
    // Clients of Azure's refuse an answer without one.
    etag: `"0x${createdAt.toString(16)}"`,
    "x-ms-blob-type": "BlockBlob",
  };
  if (name === undefined) return modified;
  // A zip is the artifact's envelope; anything else is the one file, and has the artifact's name.
  const isZip = mimeType === undefined || mimeType === "application/zip";
  const fileName = isZip && !name.endsWith(".zip") ? `${name}.zip` : name;
  return {
    ...modified,
    "content-disposition": `attachment; filename*=UTF-8''${encodeURIComponent(fileName.toWellFormed())}`,
  };
}

function putAnswer(put: Put): Answer {
  if (put.ok) return { status: 201, headers: { "content-length": "0" } };
  const [status, code] = STATUS_OF[put.why];
  return refuse(status, code);
}

/** Apart from the name of a blob that came whole. */
function blockName(id: string): string {
  return `block ${id}`;
}

/** Clients read the code from the header, or from the XML. */
function refuse(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return {
    status,
    headers: { "content-type": "application/xml", "x-ms-error-code": code, ...headers },
    body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`,
  };
}
