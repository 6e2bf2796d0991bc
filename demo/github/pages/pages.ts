import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { findRepository } from "../api/access.ts";
import type { Manifest } from "../api/routes/platform.ts";
import { readBody } from "../http/body.ts";
import type { World } from "../world.ts";
import { homePage, pullPage, repositoryPage, runPage } from "./html.ts";

const FORM_LIMIT_BYTES = 1024 * 1024;

/** Answers the few pages there are; false when the path is none of them. */
export async function answerPage(
  world: World,
  manifests: Map<string, Manifest>,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  if (request.method === "POST" && /^(?:\/organizations\/[^/]+)?\/settings\/apps\/new$/.test(url.pathname)) {
    const form = new URLSearchParams((await readBody(request, FORM_LIMIT_BYTES)).toString());
    const manifest = JSON.parse(form.get("manifest") ?? "{}") as Manifest & { redirect_url?: string };
    const code = randomBytes(20).toString("hex");
    manifests.set(code, manifest);
    const back = new URL(manifest.redirect_url ?? url.origin);
    back.searchParams.set("code", code);
    const state = url.searchParams.get("state");
    if (state !== null) back.searchParams.set("state", state);
    response.writeHead(302, { location: back.href }).end();
    return true;
  }
  if (request.method !== "GET") return false;
  const html = pageAt(world, url.pathname);
  if (html === null) return false;
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
  });
  response.end(html);
  return true;
}

function pageAt(world: World, path: string): string | null {
  if (path === "/") return homePage(world);
  const [, owner = "", name = "", kind, id] = path.split("/");
  const repository = findRepository(world, owner, name);
  if (repository === undefined) return null;
  if (kind === undefined) return repositoryPage(world, repository);
  if (kind === "pull") {
    const pull = world.tables.pullsByNumber(`${repository.id}/${Number(id)}`)[0];
    return pull === undefined ? null : pullPage(world, repository, pull);
  }
  if (kind === "runs") {
    const run = world.tables.runs.get(Number(id));
    return run === undefined || run.repositoryId !== repository.id ? null : runPage(world, repository, run);
  }
  return null;
}
