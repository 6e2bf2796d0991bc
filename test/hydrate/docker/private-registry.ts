import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";

export type PrivateRegistry = {
  /** `127.0.0.1:PORT`: the daemon talks plain HTTP to loopback. */
  readonly address: string;
  /** Log-ins that were refused. */
  readonly refused: () => number;
  readonly end: () => Promise<void>;
};

type Stored = { readonly type: string; readonly body: Buffer };

/** The part of the registry protocol that docker pushes and pulls with, behind a user name and a password. */
export async function startPrivateRegistry(username: string, password: string): Promise<PrivateRegistry> {
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const stored = new Map<string, Stored>();
  const uploads = new Map<string, Buffer>();
  let refused = 0;
  const server = createServer((request, response) => {
    if (request.headers.authorization !== expected) {
      if (request.headers.authorization !== undefined) refused += 1;
      response.writeHead(401, { "www-authenticate": 'Basic realm="private"' }).end();
      return;
    }
    void bodyOf(request).then((body) => answer(request, response, body, stored, uploads));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    refused: () => refused,
    end: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  stored: Map<string, Stored>,
  uploads: Map<string, Buffer>,
): void {
  const url = new URL(request.url ?? "/", "http://registry");
  const [, name, kind, id] = /^\/v2\/(.+)\/(blobs|manifests|uploads)\/(.*)$/.exec(url.pathname) ?? [];
  if (url.pathname === "/v2/") {
    response.writeHead(200).end();
  } else if (request.method === "POST" && url.pathname.endsWith("/blobs/uploads/")) {
    const upload = `/v2/${name?.replace(/\/blobs$/, "")}/blobs/uploads/${uploads.size + 1}`;
    uploads.set(upload, Buffer.alloc(0));
    response.writeHead(202, { location: upload, range: "0-0" }).end();
  } else if (uploads.has(url.pathname)) {
    const whole = Buffer.concat([uploads.get(url.pathname) ?? Buffer.alloc(0), body]);
    uploads.set(url.pathname, whole);
    const digest = url.searchParams.get("digest");
    if (request.method === "PUT" && digest !== null)
      stored.set(`blobs/${digest}`, { type: "application/octet-stream", body: whole });
    const headers = { location: url.pathname, range: `0-${Math.max(0, whole.length - 1)}` };
    response.writeHead(request.method === "PUT" ? 201 : 202, headers).end();
  } else if (request.method === "PUT" && kind === "manifests") {
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    for (const at of [id, digest])
      stored.set(`manifests/${at}`, { type: request.headers["content-type"] ?? "", body });
    response.writeHead(201, { "docker-content-digest": digest }).end();
  } else {
    const found = stored.get(`${kind}/${id}`);
    const digest = `sha256:${createHash("sha256")
      .update(found?.body ?? "")
      .digest("hex")}`;
    const headers = { "content-type": found?.type ?? "", "docker-content-digest": digest };
    response.writeHead(found === undefined ? 404 : 200, {
      ...headers,
      "content-length": found?.body.length ?? 0,
    });
    response.end(request.method === "HEAD" ? undefined : found?.body);
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
