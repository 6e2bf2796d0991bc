/** A real Smart HTTP remote: `git http-backend` behind a server that asks for a token. */

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

export type GitServer = {
  readonly origin: string;
  readonly token: string;
  /** Requests that were answered, and those without the right token. */
  readonly counts: { requests: number; refused: number };
  /** Large files by their SHA-256. */
  readonly large: Map<string, Buffer>;
  /** Repositories that need no token. */
  readonly open: Set<string>;
  /** Requests of boxd's own, without git. */
  readonly direct: { count: number };
  /** What becomes of boxd's own requests: undefined for the usual. */
  interfere(answer: ((request: IncomingMessage, response: ServerResponse) => void) | undefined): void;
  /** Speaks the protocol's oldest version from now on. */
  speakOldest(): void;
  /** Requests for this repository are never answered. */
  hold(name: string): void;
  /** Answers the next requests with this status instead. */
  failNext(status: number, times: number): void;
  /** The directory of the bare repository `owner/name.git`, made when missing. */
  bare(name: string): string;
  close(): Promise<void>;
};

export const TOKEN = "ghs_0123456789abcdefTOKEN";

/** Serves bare repositories below `root`. */
export async function startGitServer(root: string): Promise<GitServer> {
  const counts = { requests: 0, refused: 0 };
  const open = new Set<string>();
  const large = new Map<string, Buffer>();
  const direct = { count: 0 };
  const held = new Set<string>();
  let interference: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  let isOld = false;
  let failure = { status: 0, times: 0 };
  const expected = `Basic ${Buffer.from(`x-access-token:${TOKEN}`).toString("base64")}`;
  const server = createServer((request, response) => {
    counts.requests += 1;
    const name = /^\/([^/]+\/[^/]+\.git)\//.exec(request.url ?? "")?.[1] ?? "";
    const isDirect = request.headers["user-agent"] === "git/crabbox-boxd";
    if (isDirect) direct.count += 1;
    if (held.has(name)) return;
    if (failure.times > 0) {
      failure = { ...failure, times: failure.times - 1 };
      response.writeHead(failure.status).end();
    } else if (request.headers.authorization !== expected && !open.has(name)) {
      counts.refused += 1;
      response.writeHead(401, { "www-authenticate": 'Basic realm="git"' }).end();
    } else if (request.url?.includes("/info/lfs/")) void answerLfs(large, expected, request, response);
    else if (isDirect && interference !== undefined) interference(request, response);
    else backend(root, request, response, isOld);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    token: TOKEN,
    counts,
    large,
    open,
    direct,
    interfere: (answer) => (interference = answer),
    speakOldest: () => (isOld = true),
    hold: (name) => held.add(name),
    failNext: (status, times) => (failure = { status, times }),
    bare(name) {
      const dir = join(root, name);
      mkdirSync(dir, { recursive: true });
      execFileSync("git", ["init", "-q", "--bare", dir]);
      execFileSync("git", ["-C", dir, "config", "uploadpack.allowAnySHA1InWant", "true"]);
      return dir;
    },
    close: async () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function backend(root: string, request: IncomingMessage, response: ServerResponse, isOld: boolean): void {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  const child = spawn("git", ["http-backend"], {
    env: {
      PATH: process.env["PATH"],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "*",
      REQUEST_METHOD: request.method,
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: request.headers["content-type"],
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"],
      GIT_PROTOCOL: isOld ? "" : String(request.headers["git-protocol"] ?? ""),
      REMOTE_USER: "app",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin).on("error", () => undefined);
  let head = Buffer.alloc(0);
  let isStarted = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (isStarted) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    isStarted = true;
    const headers = head.toString("latin1", 0, end).split("\r\n");
    const status = Number(/^Status: (\d+)/m.exec(headers.join("\n"))?.[1] ?? 200);
    for (const line of headers) {
      const [name = "", value = ""] = line.split(/: (.*)/s);
      if (name.toLowerCase() !== "status") response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
  });
  child.once("close", () => response.end());
}

/** The two routes of Git LFS that a pull needs. */
async function answerLfs(
  large: ReadonlyMap<string, Buffer>,
  authorization: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const oid = /\/objects\/([0-9a-f]{64})$/.exec(request.url ?? "")?.[1];
  if (oid !== undefined) {
    response.writeHead(large.has(oid) ? 200 : 404).end(large.get(oid));
    return;
  }
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
    objects: { oid: string; size: number }[];
  };
  const href = `http://${request.headers.host ?? ""}${(request.url ?? "").replace(/batch$/, "")}`;
  const objects = body.objects.map(({ oid, size }) =>
    large.has(oid)
      ? { oid, size, actions: { download: { href: href + oid, header: { Authorization: authorization } } } }
      : { oid, size, error: { code: 404, message: "gone" } },
  );
  response.writeHead(200, { "content-type": "application/vnd.git-lfs+json" });
  response.end(JSON.stringify({ transfer: "basic", objects }));
}
