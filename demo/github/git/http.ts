import { spawn } from "node:child_process";
import { dirname, basename } from "node:path";
import type { IncomingMessage, ServerResponse } from "node:http";
import { accountById } from "../shapes/account.ts";
import { demand, findRepository } from "../api/access.ts";
import { authenticate } from "../api/authenticate.ts";
import type { Caller } from "../api/authenticate.ts";
import { refMoved } from "../acts/push.ts";
import { Failure } from "../http/failure.ts";
import type { Repository } from "../model.ts";
import type { World } from "../world.ts";
import { gitEnvironment } from "./git.ts";

/** A request below OWNER/NAME.git, or null when the path is none. */
export type GitRequest = { owner: string; name: string; rest: string };

const PATH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/;
const HEADERS_LIMIT_BYTES = 64 * 1024;

/** Reads a Smart HTTP path. */
export function parseGitPath(path: string): GitRequest | null {
  const found = PATH.exec(path);
  if (found === null) return null;
  return { owner: found[1] ?? "", name: found[2] ?? "", rest: found[3] ?? "" };
}

/** Answers a Smart HTTP request through git's own http-backend; answers the status it gave. */
export async function answerGit(
  world: World,
  target: GitRequest,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<{ status: number; installationId: number | null }> {
  const writes = target.rest === "git-receive-pack" || query.includes("git-receive-pack");
  let caller: Caller = { kind: "anonymous" };
  let repository: Repository;
  try {
    caller = authenticate(world, request.headers.authorization);
    repository = allow(world, caller, target, writes);
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(500, String(error));
    const challenge = failure.status === 401 ? { "WWW-Authenticate": 'Basic realm="GitHub"' } : {};
    response.writeHead(failure.status, { "Content-Type": "text/plain", ...challenge });
    response.end(`${failure.message}\n`);
    return { status: failure.status, installationId: null };
  }
  const dir = world.git.dir(repository);
  const pushing = target.rest === "git-receive-pack";
  const before = pushing ? await world.git.refs.read(dir, false) : null;
  const status = await backend(dir, target.rest, query, request, response);
  if (before !== null && caller.kind === "user") {
    world.git.refs.forget(dir);
    const after = await world.git.refs.read(dir, false);
    const pusher = accountById(world, caller.userId);
    for (const ref of new Set([...before.keys(), ...after.keys()])) {
      const [old, fresh] = [before.get(ref) ?? null, after.get(ref) ?? null];
      if (old !== fresh) await refMoved(world, repository, pusher, ref, old, fresh);
    }
  }
  return { status, installationId: caller.kind === "installation" ? caller.installation.id : null };
}

/** 401 to nobody, 404 "Repository not found." to somebody without access, as GitHub's git host answers. */
export function allow(
  world: World,
  caller: Caller,
  target: { owner: string; name: string },
  writes: boolean,
): Repository {
  const repository = findRepository(world, target.owner, target.name);
  const needs = [["contents", writes ? "write" : "read"]] as const;
  if (caller.kind === "anonymous" && (repository === undefined || repository.private || writes)) {
    throw new Failure(401, "Repository not found.");
  }
  if (repository?.externalDir !== null && repository !== undefined && writes) {
    throw new Failure(403, "This repository is served read-only.");
  }
  try {
    return demand(world, caller, repository, needs);
  } catch (error) {
    if (error instanceof Failure && error.status === 404) throw new Failure(404, "Repository not found.");
    throw error;
  }
}

async function backend(
  dir: string,
  rest: string,
  query: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<number> {
  const { headers } = request;
  const child = spawn("git", ["http-backend"], {
    env: gitEnvironment({
      GIT_PROJECT_ROOT: dirname(dir),
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(headers["git-protocol"] ?? ""),
      PATH_INFO: `/${basename(dir)}/${rest}`,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: headers["content-type"] ?? "",
      REMOTE_ADDR: request.socket.remoteAddress ?? "",
      REMOTE_USER: "git",
      ...(headers["content-encoding"] === undefined
        ? {}
        : { HTTP_CONTENT_ENCODING: headers["content-encoding"] }),
      ...(headers["content-length"] === undefined ? {} : { CONTENT_LENGTH: headers["content-length"] }),
    }),
    stdio: ["pipe", "pipe", "ignore"],
  });
  // A client that goes away ends its backend; a backend that ends early closes the pipe.
  response.on("close", () => child.kill());
  child.stdin.on("error", () => undefined);
  request.pipe(child.stdin);
  let head: Buffer | null = Buffer.alloc(0);
  let status = 200;
  child.stdout.on("data", (chunk: Buffer) => {
    if (head === null) {
      if (!response.write(chunk)) {
        child.stdout.pause();
        response.once("drain", () => child.stdout.resume());
      }
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) {
      if (head.length > HEADERS_LIMIT_BYTES) child.kill();
      return;
    }
    const lines = head.subarray(0, end).toString().split("\r\n");
    const fields = lines.map((line) => [
      line.slice(0, line.indexOf(":")),
      line.slice(line.indexOf(":") + 1).trim(),
    ]);
    status = Number.parseInt(fields.find(([name]) => name === "Status")?.[1] ?? "200", 10);
    const answer = fields.filter(([name]) => name !== "Status");
    response.writeHead(status, Object.fromEntries(answer) as Record<string, string>);
    response.write(head.subarray(end + 4));
    head = null;
  });
  await new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("close", () => resolve());
  });
  if (head !== null && !response.headersSent) response.writeHead((status = 500));
  response.end();
  return status;
}
