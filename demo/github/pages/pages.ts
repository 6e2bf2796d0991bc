import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../http/body.ts";
import { Failure } from "../http/failure.ts";
import { sameText } from "../tokens.ts";
import type { World } from "../world.ts";
import { assetRoutes } from "./assets.ts";
import { authorizeRoutes } from "./authorize.ts";
import { checkRoutes } from "./checks.ts";
import { conversationRoutes } from "./conversation.ts";
import { fileRoutes } from "./files.ts";
import { homeRoutes } from "./home.ts";
import { installRoutes } from "./install.ts";
import { layout, notice } from "./layout.ts";
import { manifestRoutes } from "./manifest.ts";
import { markRoutes } from "./marks.ts";
import { isFromHere, isOurName } from "./neighbours.ts";
import { pullActRoutes } from "./pull-acts.ts";
import { repositoryRoutes } from "./repository.ts";
import type { PageCall, PageReply, PageRoute } from "./route.ts";
import { openSession, readSession, sessionHeader } from "./session.ts";
import { gone } from "./sight.ts";
import { signInRoutes } from "./sign-in.ts";

const FORM_LIMIT_BYTES = 1024 * 1024;
const ROUTES: readonly PageRoute[] = [
  ...assetRoutes,
  ...signInRoutes,
  ...authorizeRoutes,
  ...manifestRoutes,
  ...installRoutes,
  ...homeRoutes,
  ...conversationRoutes,
  ...checkRoutes,
  ...fileRoutes,
  ...pullActRoutes,
  ...markRoutes,
  ...repositoryRoutes,
];

/** Answers what people look at and press; false when the path is no page. */
export async function answerPage(
  world: World,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const found = match(request.method ?? "GET", url.pathname);
  if (found === null) return false;
  const session = readSession(world, request);
  const form = request.method === "POST" ? await formOf(request) : new URLSearchParams();
  const { viewer, csrf } = session;
  const call: PageCall = { world, url, params: found.params, form, viewer, csrf };
  const reply = refusedReply(world, request, call, found.route) ?? (await attempt(found.route, call));
  if (reply === null && request.method === "GET") return false;
  const begun =
    reply?.kind === "redirect" && reply.signIn !== undefined ? openSession(world, reply.signIn) : session;
  if (begun.isNew) response.setHeader("set-cookie", sessionHeader(world, begun));
  send(response, call, reply ?? gone());
  return true;
}

function match(method: string, path: string): { route: PageRoute; params: Record<string, string> } | null {
  for (const route of ROUTES) {
    const found = route.method === method ? route.pattern.exec(path) : null;
    if (found === null) continue;
    const values = route.names.map((name, at) => [name, decoded(found[at + 1] ?? "")] as const);
    return { route, params: Object.fromEntries(values) };
  }
  return null;
}

/** The reasons for which nothing is done; null when there is none. */
function refusedReply(world: World, request: IncomingMessage, call: PageCall, route: PageRoute): PageReply {
  if (!isOurName(world, request))
    return refused(421, "This server has another name.", `Open ${world.origin()}`);
  if (request.method !== "POST") return null;
  if (!isFromHere(request))
    return refused(
      403,
      "Only the machine that runs this GitHub may act here.",
      "Open this page on that machine.",
    );
  if (route.fromAnywhere || sameText(call.form.get("csrf") ?? "", call.csrf)) return null;
  return refused(403, "This form is from an earlier visit.", "Go back, reload the page and send it again.");
}

/** What GitHub would refuse to a program is told to a person, too. */
async function attempt(route: PageRoute, call: PageCall): Promise<PageReply> {
  try {
    return await route.handle(call);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const detail = (error.errors ?? [])
      .map(({ message }) => (typeof message === "string" ? message : ""))
      .join(" ");
    return refused(error.status, error.message, detail || "Go back and try something else.");
  }
}

function send(response: ServerResponse, call: PageCall, reply: NonNullable<PageReply>): void {
  const always = { "x-content-type-options": "nosniff", "referrer-policy": "same-origin" };
  if (reply.kind === "redirect") {
    response.writeHead(303, { ...always, location: reply.location, "cache-control": "no-store" }).end();
    return;
  }
  if (reply.kind === "file") {
    const cache = reply.cached === true ? "max-age=3600" : "no-cache";
    const csp = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
    const headers = { "content-type": reply.type, "cache-control": cache, "content-security-policy": csp };
    response.writeHead(200, { ...always, ...headers }).end(reply.bytes);
    return;
  }
  response.writeHead(reply.status ?? 200, {
    ...always,
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": policyOf(reply.leaves === true),
    "x-frame-options": "DENY",
  });
  response.end(layout(call, reply.title, reply.body).html);
}

function policyOf(leaves: boolean): string {
  const own = ["style-src", "script-src", "img-src", "connect-src"].map((name) => `${name} 'self'`);
  const forms = leaves ? [] : ["form-action 'self'"];
  return ["default-src 'none'", ...own, ...forms, "base-uri 'none'", "frame-ancestors 'none'"].join("; ");
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams((await readBody(request, FORM_LIMIT_BYTES)).toString());
}

function refused(status: number, title: string, hint: string): PageReply {
  return { kind: "page", title, body: notice(title, hint), status };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
