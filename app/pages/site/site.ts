import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { AppError } from "../../errors.ts";
import { isOwnForm } from "../../login/csrf.ts";
import { returnPath, rootOf } from "../../login/return-to.ts";
import { foreignForm, LOG_IN_PATH } from "../../login/routes.ts";
import type { FrameView } from "../../render/site-views.ts";
import { loadAssets } from "../assets.ts";
import { PAGE_HEADERS } from "../page-headers.ts";
import type { SiteDeps } from "./deps.ts";
import { nothingHere, visitorOf, type Visitor } from "./visitor.ts";

/** Ours are a few hundred bytes. */
const FORM_MAX_BYTES = 8 * 1024;

/** A page's usual headers; but forms come back to us, and then say where from: an address here is no secret. */
export const SITE_HEADERS = {
  ...PAGE_HEADERS,
  "referrer-policy": "same-origin",
  "content-security-policy": PAGE_HEADERS["content-security-policy"].replace(
    "form-action 'none'",
    "form-action 'self'",
  ),
};

/** Fields of a form; a field that is there twice counts by its last. */
export type Form = Readonly<Record<string, string>>;

export type Site = {
  /** Before every path of ours in a browser. */
  readonly root: string;
  readonly assets: string;
  /** Answers HTML to who is logged in; everybody else is sent to log in first. */
  page(url: string, handler: (visitor: Visitor, request: FastifyRequest) => Promise<string>): void;
  /** The same for admins only; for others there is no such page. */
  adminPage(url: string, handler: (visitor: Visitor, request: FastifyRequest) => Promise<string>): void;
  /** Takes a form of our own page in this session; answers the path to go to. */
  form(
    url: string,
    handler: (visitor: Visitor, request: FastifyRequest, form: Form) => Promise<string>,
  ): void;
  /** What stands around every page. */
  frame(visitor: Visitor | null, title: string, here: string): FrameView;
};

/** Reads forms; registers nothing else by itself. */
export function createSite(server: FastifyInstance, deps: SiteDeps): Site {
  const root = rootOf(deps.publicUrl);
  const assets = `${root}${loadAssets().path}`;
  server.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string", bodyLimit: FORM_MAX_BYTES },
    (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );
  const page: Site["page"] = (url, handler) =>
    void server.get(url, { logLevel: "warn" }, async (request, reply) => {
      const visitor = await visitorOf(deps, request);
      reply.headers(SITE_HEADERS);
      if (visitor === null) return toLogIn(reply, request);
      return reply.type("text/html; charset=utf-8").send(await handler(visitor, request));
    });

  return {
    root,
    assets,
    page,
    adminPage: (url, handler) =>
      page(url, async (visitor, request) => {
        if (!visitor.isAdmin) throw nothingHere();
        return handler(visitor, request);
      }),
    form: (url, handler) =>
      void server.post(url, { logLevel: "warn" }, async (request, reply) => {
        const visitor = await visitorOf(deps, request);
        if (visitor === null) throw notLoggedIn();
        const form = (request.body ?? {}) as Form;
        if (!isOwnForm(visitor.token, form["csrf"], request.headers, deps.publicUrl)) throw foreignForm();
        const to = await handler(visitor, request, form);
        return reply.headers(SITE_HEADERS).redirect(`${root}${returnPath(to)}`, 303);
      }),
    frame: (visitor, title, here) => ({
      assets,
      root,
      title,
      login: visitor?.session.login ?? "",
      csrf: visitor?.csrf ?? "",
      nav: (visitor === null ? [] : visitor.isAdmin ? [...NAV, ...ADMIN_NAV] : NAV).map(([path, label]) => ({
        href: `${root}${path}`,
        label,
        isHere: path === here,
      })),
    }),
  };

  function toLogIn(reply: FastifyReply, request: FastifyRequest): FastifyReply {
    return reply.redirect(`${root}${LOG_IN_PATH}?to=${encodeURIComponent(request.url)}`, 303);
  }
}

/** For what browsers ask for behind a page's back. */
export function notLoggedIn(): AppError {
  return new AppError("not_logged_in", "You are not logged in any more.", "Log in, then try again.");
}

const NAV = [
  ["/", "Home"],
  ["/boxes", "Boxes"],
] as const;
const ADMIN_NAV = [
  ["/accounts", "Accounts"],
  ["/deliveries", "Deliveries"],
  ["/audit", "Audit"],
] as const;
