import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { authenticate } from "../api/authenticate.ts";
import { readBody } from "../http/body.ts";
import { Failure } from "../http/failure.ts";
import type { Repository } from "../model.ts";
import { mark, sameText } from "../tokens.ts";
import type { World } from "../world.ts";
import { allow } from "./http.ts";

const BATCH = /^\/([^/]+)\/([^/]+?)(?:\.git)?\/info\/lfs\/(objects\/batch|locks\/verify)$/;
const OBJECT = /^\/_lfs\/(\d+)\/([0-9a-f]{64})$/;
const OID = /^[0-9a-f]{64}$/;
const TYPE = "application/vnd.git-lfs+json";
/** git-lfs asks for 100 objects a batch. */
const BATCH_LIMIT_BYTES = 1024 * 1024;
/** GitHub's links to its storage live an hour. */
const LINK_TTL_MS = 60 * 60_000;

type Answered = { status: number; installationId: number | null };
type Asked = { oid: string; size: number };

/** Whether a path belongs to Git LFS: its API, or a link to storage that the API gave. */
export function isLfsPath(path: string): boolean {
  return BATCH.test(path) || OBJECT.test(path);
}

/** Answers the batch API, the (empty) lock list, and uploads and downloads of objects. */
export async function answerLfs(
  world: World,
  path: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answered> {
  let installationId: number | null = null;
  try {
    const object = OBJECT.exec(path);
    if (object !== null) {
      return await transfer(world, Number(object[1]), object[2] ?? "", query, request, response);
    }
    const [, owner = "", name = "", what] = BATCH.exec(path) ?? [];
    const caller = authenticate(world, request.headers.authorization);
    if (caller.kind === "installation") installationId = caller.installation.id;
    const bytes = await readBody(request, BATCH_LIMIT_BYTES);
    const body = JSON.parse(bytes.toString()) as { operation?: string; objects?: Asked[] };
    const upload = body.operation === "upload" || what === "locks/verify";
    const repository = allow(world, caller, { owner, name }, upload);
    if (what === "locks/verify") return send(response, 200, { ours: [], theirs: [] }, installationId);
    const asked = (body.objects ?? []).filter(({ oid }) => OID.test(oid));
    const objects = await Promise.all(asked.map((one) => offer(world, repository, one, upload)));
    return send(response, 200, { transfer: "basic", objects, hash_algo: "sha256" }, installationId);
  } catch (error) {
    const failure = error instanceof Failure ? error : new Failure(422, String(error));
    if (failure.status === 401) response.setHeader("LFS-Authenticate", 'Basic realm="GitHub"');
    return send(response, failure.status, { message: failure.message }, installationId);
  }
}

async function offer(world: World, repository: Repository, asked: Asked, upload: boolean): Promise<object> {
  const { oid, size } = asked;
  const found = await stat(fileOf(world, repository, oid)).catch(() => null);
  const answer = { oid, size, authenticated: true };
  if (upload && found !== null) return answer;
  if (!upload && found === null) {
    return { oid, size, error: { code: 404, message: "Object does not exist on the server" } };
  }
  const verb = upload ? "upload" : "download";
  const expires = Date.now() + LINK_TTL_MS;
  const right = mark(world.secret, verb, repository.id, oid, expires);
  const query = new URLSearchParams({ verb, expires: String(expires), right });
  const href = `${world.origin()}/_lfs/${repository.id}/${oid}?${query.toString()}`;
  const link = { href, expires_at: new Date(expires).toISOString() };
  return { ...answer, actions: { [verb]: link } };
}

async function transfer(
  world: World,
  repositoryId: number,
  oid: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Answered> {
  const verb = request.method === "PUT" ? "upload" : "download";
  const expires = Number(query.get("expires"));
  const right = mark(world.secret, verb, repositoryId, oid, expires);
  const repository = world.tables.repositories.get(repositoryId);
  if (repository === undefined || !sameText(right, query.get("right") ?? "") || Date.now() > expires) {
    throw new Failure(403, "The link is not valid");
  }
  const file = fileOf(world, repository, oid);
  if (verb === "upload") {
    await store(request, file, oid);
    return send(response, 200, {}, null);
  }
  const found = await stat(file).catch(() => null);
  if (found === null) throw new Failure(404, "Not Found");
  response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Length": found.size });
  await pipeline(createReadStream(file), response);
  return { status: 200, installationId: null };
}

/** Content is kept under its own hash only when it has that hash. */
async function store(request: IncomingMessage, file: string, oid: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const part = `${file}.${randomBytes(6).toString("hex")}`;
  const hash = createHash("sha256");
  request.on("data", (chunk: Buffer) => hash.update(chunk));
  await pipeline(request, createWriteStream(part));
  if (hash.digest("hex") !== oid) {
    await rm(part, { force: true });
    throw new Failure(422, "The content does not have the hash that was announced");
  }
  await rename(part, file);
}

function fileOf(world: World, repository: Repository, oid: string): string {
  return join(world.git.lfsDir(repository), oid.slice(0, 2), oid.slice(2, 4), oid);
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  installationId: number | null,
): Answered {
  if (!response.headersSent) response.writeHead(status, { "Content-Type": TYPE });
  response.end(JSON.stringify(body));
  return { status, installationId };
}
