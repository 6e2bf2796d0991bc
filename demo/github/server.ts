import { createHash, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { answerApi } from "./api/answer.ts";
import type { Answer } from "./api/answer.ts";
import { createRouter } from "./api/router.ts";
import type { Reply, Router } from "./api/router.ts";
import { ALL_ROUTES } from "./api/routes.ts";
import { answerControl } from "./control/serve.ts";
import type { CallKind } from "./faults.ts";
import { refusal, silenced, strike } from "./misfortune.ts";
import { answerGit, parseGitPath } from "./git/http.ts";
import { answerLfs, isLfsPath } from "./git/lfs.ts";
import { ACCESS_TOKEN_PATH, answerAccessToken } from "./oauth/access-token.ts";
import { answerPage } from "./pages/pages.ts";
import { now } from "./world.ts";
import type { World } from "./world.ts";

const API_PREFIX = "/api/v3";
const CONTROL_PREFIX = "/_control/";

type Target = { kind: CallKind; method: string; path: string; query: URLSearchParams; search: string };

/** The one HTTP server: control, Git, LFS, REST (at / and /api/v3) and a few pages. */
export function createGitHubServer(world: World): Server {
  const router = createRouter(ALL_ROUTES);
  const server = createServer((request, response) => {
    serve(world, router, request, response).catch((error: unknown) => {
      world.journal.violation("crash", `${request.method} ${request.url}`, String(error));
      response.destroy();
    });
  });
  // Long fetches and hanging faults are ended by their clients.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 60_000;
  return server;
}

async function serve(
  world: World,
  router: Router,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://offline");
  const method = request.method ?? "GET";
  if (url.pathname.startsWith(CONTROL_PREFIX)) {
    await answerControl(world, url.pathname.slice(CONTROL_PREFIX.length), request, response);
    return;
  }
  const path = url.pathname.startsWith(`${API_PREFIX}/`)
    ? url.pathname.slice(API_PREFIX.length)
    : url.pathname;
  const base = { method, path, query: url.searchParams, search: url.search.slice(1) };
  const forApi = path !== url.pathname || router(method, path) !== null;
  if (!forApi) {
    if (parseGitPath(path) !== null)
      return judged(world, router, { kind: "git", ...base }, request, response);
    if (isLfsPath(path)) return judged(world, router, { kind: "lfs", ...base }, request, response);
    if (await answerPage(world, url, request, response)) return;
  }
  await judged(world, router, { kind: "api", ...base }, request, response);
}

/** Lets the faults have their say before and after a call, and writes the call down. */
async function judged(
  world: World,
  router: Router,
  target: Target,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const start = performance.now();
  const { kind, method, path } = target;
  const decision = world.faults.arrive(kind, method, path);
  const note = (route: string | null, installationId: number | null, status: number): void => {
    const durationMs = performance.now() - start;
    world.journal.request({
      kind,
      method,
      path,
      route,
      installationId,
      status,
      at: new Date().toISOString(),
      durationMs,
    });
  };
  if (decision.kill?.when === "before" || decision.effect === "close-before") {
    strike(world, decision);
    response.destroy();
    note(null, null, 0);
    return;
  }
  if (decision.effect === "hang") {
    note(null, null, 0);
    return;
  }
  const { latency } = world.settings();
  const delayMs = decision.delayMs + (kind === "api" ? latency.apiMs : latency.gitMs);
  if (delayMs > 0) await sleep(delayMs);
  if (kind !== "api") {
    const refused = refusal(decision.effect);
    if (refused !== null) {
      send(request, response, refused);
      note(null, null, refused.status);
      return;
    }
    const work =
      kind === "git"
        ? answerGit(world, gitTarget(path), target.search, request, silenced(response, decision))
        : answerLfs(world, path, target.query, request, silenced(response, decision));
    const { status, installationId } = await work;
    strike(world, decision);
    note(null, installationId, status);
    return;
  }
  const refused = refusal(decision.effect);
  const answer: Answer =
    refused === null
      ? await (isExchange(target)
          ? answerAccessToken(world, request, target.query)
          : answerApi(world, router, request, path, target.query))
      : { reply: refused, route: null, installationId: null };
  note(answer.route, answer.installationId, answer.reply.status);
  if (decision.kill !== null || decision.effect === "close-after") {
    strike(world, decision);
    response.destroy();
    return;
  }
  send(request, response, answer.reply);
}

/** Not part of the REST API, but the App calls it as one: faults, kills and the journal know it, too. */
function isExchange({ method, path }: Target): boolean {
  return method === "POST" && path === ACCESS_TOKEN_PATH;
}

function gitTarget(path: string): { owner: string; name: string; rest: string } {
  return parseGitPath(path) ?? { owner: "", name: "", rest: "" };
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const bytes =
    reply.raw?.bytes ?? (reply.json === undefined ? null : Buffer.from(JSON.stringify(reply.json)));
  const headers: Record<string, string> = {
    "x-github-request-id": randomUUID(),
    "x-github-media-type": "github.v3; format=json",
    date: new Date(now()).toUTCString(),
    ...(bytes === null ? {} : { "content-type": reply.raw?.type ?? "application/json; charset=utf-8" }),
    ...reply.headers,
  };
  if (request.method === "GET" && reply.status === 200 && bytes !== null) {
    const etag = `W/"${createHash("sha256").update(bytes).digest("hex")}"`;
    headers["etag"] = etag;
    if (request.headers["if-none-match"] === etag) {
      response.writeHead(304, headers).end();
      return;
    }
  }
  response.writeHead(reply.status, bytes === null ? headers : { ...headers, "content-length": bytes.length });
  response.end(bytes ?? undefined);
}
