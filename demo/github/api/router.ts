import type { IncomingHttpHeaders } from "node:http";
import type { Json, Repository } from "../model.ts";
import type { World } from "../world.ts";
import type { Need } from "./access.ts";
import type { Caller } from "./authenticate.ts";

/** What a route's handler gets. */
export type Call = {
  world: World;
  caller: Caller;
  params: Record<string, string>;
  query: URLSearchParams;
  body: Json;
  headers: IncomingHttpHeaders;
  path: string;
};

/** What it answers: JSON, raw bytes, or nothing. */
export type Reply = {
  status: number;
  json?: unknown;
  raw?: { type: string; bytes: Buffer };
  headers?: Record<string, string>;
};

export type Route = {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** The path as GitHub's description spells it. */
  path: string;
  /** The description's path when it does not list this one. */
  describedAs?: string;
  access: "app" | "installation" | "anyone";
  /** Counts as creation of content for the secondary limits. */
  content?: true;
  handle: (call: Call) => Reply | Promise<Reply>;
  repository?: {
    needs: readonly Need[];
    handle: (call: Call, repository: Repository) => Reply | Promise<Reply>;
  };
};

export type Match = { route: Route; params: Record<string, string> };
export type Router = (method: string, path: string) => Match | null;

/** Parameters that may contain slashes. */
const REST_PARAMS = new Set(["path", "gitref"]);

/** A route below /repos/{owner}/{repo}: the handler runs when the caller may. */
export function onRepository(
  method: Route["method"],
  path: string,
  needs: readonly Need[],
  handle: (call: Call, repository: Repository) => Reply | Promise<Reply>,
  more: Partial<Pick<Route, "content" | "describedAs">> = {},
): Route {
  const unused = (): Reply => ({ status: 500 });
  const whole = `/repos/{owner}/{repo}${path}`;
  return { method, path: whole, access: "anyone", handle: unused, repository: { needs, handle }, ...more };
}

/** Finds the route of a path (without query); names are decoded afterwards, so that %2F stays one segment. */
export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes.map((route) => ({ route, ...compile(route.path) }));
  return (method, path) => {
    for (const { route, pattern, names } of compiled) {
      if (route.method !== method) continue;
      const found = pattern.exec(path);
      if (found === null) continue;
      const values = names.map((name, index) => [name, decode(found[index + 1] ?? "")] as const);
      return { route, params: Object.fromEntries(values) };
    }
    return null;
  };
}

function compile(template: string): { pattern: RegExp; names: string[] } {
  const names: string[] = [];
  const source = template.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return REST_PARAMS.has(name) ? "(.*)" : "([^/]+)";
  });
  // The root folder may be asked for without the slash that would stand before its name.
  return { pattern: new RegExp(`^${source.replace("/(.*)", "(?:/(.*))?")}/?$`), names };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
