import type { IncomingMessage } from "node:http";
import { readBody } from "../http/body.ts";
import { Failure, failureBody } from "../http/failure.ts";
import type { Json } from "../model.ts";
import type { World } from "../world.ts";
import { demand, findRepository, notAccessible } from "./access.ts";
import { authenticate } from "./authenticate.ts";
import type { Caller } from "./authenticate.ts";
import type { Payer } from "./limits.ts";
import type { Match, Reply, Router } from "./router.ts";
import { watchQuery } from "./watched-query.ts";

/** The answer to an API call, and who asked. */
export type Answer = { reply: Reply; route: string | null; installationId: number | null };

/** GitHub takes bodies of this size at least; ours only need to hold a check run with its 50 annotations. */
const BODY_LIMIT_BYTES = 25 * 1024 * 1024;
/** GET /rate_limit costs nothing (docs.github.com, "Rate limits"). */
const FREE_PATH = "/rate_limit";

/** Answers one API call: route, caller, limits, contract of the request, act, contract of the answer. */
export async function answerApi(
  world: World,
  router: Router,
  request: IncomingMessage,
  path: string,
  query: URLSearchParams,
): Promise<Answer> {
  const method = request.method ?? "GET";
  const match = router(method, path);
  if (match === null) return unknownRoute(world, method, path);
  const route = `${method} ${match.route.path}`;
  let payer: Payer = anonymous(request);
  let leave = (): void => undefined;
  let installationId: number | null = null;
  try {
    const bytes = await readBody(request, BODY_LIMIT_BYTES);
    const caller = authenticate(world, request.headers.authorization);
    payer = payerOf(caller, request);
    installationId = payer.installationId;
    leave = world.limiter.enter(payer, world.settings().limits, {
      write: method !== "GET",
      content: match.route.content === true,
      free: path === FREE_PATH,
    });
    const body = parseBody(bytes);
    const reply = await run(world, match, request, { caller, path, query, body });
    const checked = checkReply(world, match, reply);
    return { reply: withBudget(world, payer, checked), route, installationId };
  } catch (error) {
    const reply = failed(world, route, error);
    if (error instanceof Failure && error.status === 501) {
      world.journal.violation("unknown-route", `${method} ${path}`, error.message);
    }
    if (error instanceof Failure && error.limit) {
      world.journal.violation("limit", route, `${payer.key}: ${JSON.stringify(failureBody(error))}`);
    }
    return { reply: withBudget(world, payer, reply), route, installationId };
  } finally {
    leave();
  }
}

/** Media types that ask for another answer than the ones we have. */
const UNKNOWN_FORMAT = /\.(?:object|diff|patch|html|text|full|base64)\b/;

type Parts = { caller: Caller; path: string; query: URLSearchParams; body: unknown };

async function run(world: World, match: Match, request: IncomingMessage, parts: Parts): Promise<Reply> {
  const { route, params } = match;
  const { caller } = parts;
  if (route.access === "app" && caller.kind !== "app") {
    throw new Failure(401, "A JSON web token could not be decoded");
  }
  if (route.access === "installation" && caller.kind !== "installation") throw notAccessible();
  const target = route.repository;
  const repository =
    target === undefined
      ? undefined
      : demand(
          world,
          caller,
          findRepository(world, params["owner"] ?? "", params["repo"] ?? ""),
          target.needs,
        );
  const wrong = world.contracts.request(route.method, route.describedAs ?? route.path, parts.body);
  if (wrong !== null) {
    world.journal.violation("request", `${route.method} ${parts.path}`, wrong);
    throw new Failure(422, `Invalid request.\n\n${wrong}`);
  }
  const body = (parts.body ?? {}) as Json;
  const query = watchQuery(parts.query);
  const call = { world, params, headers: request.headers, ...parts, body, query };
  const { accept } = request.headers;
  if (UNKNOWN_FORMAT.test(accept ?? "")) throw unknown(`Accept: ${accept}`);
  const reply = await (target === undefined || repository === undefined
    ? route.handle(call)
    : target.handle(call, repository));
  const template = route.describedAs ?? route.path;
  const ignored = query.unread().find((name) => world.contracts.hasQuery(route.method, template, name));
  if (ignored !== undefined) throw unknown(`the parameter ${ignored} of ${route.method} ${route.path}`);
  return reply;
}

function parseBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    throw new Failure(400, "Problems parsing JSON");
  }
}

/** Our own answer must be one that GitHub could give: else it is a loud mistake of ours. */
function checkReply(world: World, match: Match, reply: Reply): Reply {
  const { method, path, describedAs } = match.route;
  const wrong = world.contracts.response(method, describedAs ?? path, reply.status, reply.json);
  if (wrong === null) return reply;
  world.journal.violation("response", `${method} ${path} ${reply.status}`, wrong);
  return { status: 500, json: { message: `offline GitHub broke its contract: ${wrong}` } };
}

function failed(world: World, route: string, error: unknown): Reply {
  if (error instanceof Failure) {
    return { status: error.status, json: failureBody(error), headers: error.headers };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  world.journal.violation("crash", route, text);
  return { status: 500, json: { message: `offline GitHub failed: ${text}` } };
}

function unknown(what: string): Failure {
  return new Failure(501, `The offline GitHub does not know ${what}`);
}

function unknownRoute(world: World, method: string, path: string): Answer {
  world.journal.violation(
    "unknown-route",
    `${method} ${path}`,
    "this offline GitHub does not know the route",
  );
  const message = `The offline GitHub does not know ${method} ${path}`;
  return { reply: { status: 501, json: { message } }, route: null, installationId: null };
}

function payerOf(caller: Caller, request: IncomingMessage): Payer {
  if (caller.kind === "installation") {
    const { id } = caller.installation;
    return { key: `installation ${id}`, kind: "installation", installationId: id };
  }
  if (caller.kind === "app" || caller.kind === "client") {
    return { key: `app ${caller.app.id}`, kind: "app", installationId: null };
  }
  if (caller.kind === "user") return { key: `user ID ${caller.userId}`, kind: "app", installationId: null };
  return anonymous(request);
}

function anonymous(request: IncomingMessage): Payer {
  return { key: request.socket.remoteAddress ?? "unknown", kind: "anonymous", installationId: null };
}

function withBudget(world: World, payer: Payer, reply: Reply): Reply {
  const bucket = world.limiter.primary(payer, world.settings().limits);
  const headers = {
    "x-ratelimit-limit": String(bucket.limit),
    "x-ratelimit-remaining": String(bucket.remaining),
    "x-ratelimit-used": String(bucket.used),
    "x-ratelimit-reset": String(bucket.reset),
    "x-ratelimit-resource": "core",
  };
  return { ...reply, headers: { ...headers, ...reply.headers } };
}
