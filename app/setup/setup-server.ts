import { randomBytes } from "node:crypto";
import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";
import { z } from "zod";
import { AppError, toAppError } from "../errors.ts";
import { convertManifest, type CreatedApp } from "../github/convert-manifest.ts";
import type { Log } from "../log.ts";
import { loadAssets } from "../pages/assets.ts";
import type { Renderer } from "../render.ts";
import { maySetUp } from "./access.ts";
import { CREATED_PATH, manifestOf } from "./manifest.ts";
import { setupHeaders } from "./headers.ts";
import { readChoice, type Choice } from "./choice.ts";

/** As the name of a `__Host-` cookie cannot be had without TLS, it is bound to the path instead. */
const TOKEN_COOKIE = "crabbox_setup";
const STATE_BYTES = 24;
/** GitHub's codes live for an hour; as long a first page may stay open. */
const STATE_MS = 3_600_000;
const STATES_MAX = 100;
const MARK_BYTES = 3;
/** A page of this size comes in one go; who dawdles is let go. */
const REQUEST_WITHIN_MS = 30_000;

export type SetupDeps = {
  readonly consoleToken: string;
  readonly log: Log;
  readonly now: () => number;
  readonly render: Pick<Renderer, "setupPage" | "errorPage">;
  /** What the settings file says already; the page's own fields otherwise. */
  readonly fixed: Partial<Choice>;
  /** Keeps the App; the browser is sent to its installation when it has answered. */
  readonly save: (app: CreatedApp, choice: Choice) => void;
  /** The set-up is over: the browser has its answer. */
  readonly onDone: () => void;
};

const Created = z.object({ code: z.string().min(1).max(200), state: z.string().min(1).max(200) });
const Query = z.record(z.string(), z.string().max(2_000));

/**
 * The door of a server that is no App yet: one page whose button makes the App on GitHub, and the address GitHub comes back to. Only for who
 * sits at this machine or knows the console's token; each `state` works once.
 */
export function createSetupServer(deps: SetupDeps): FastifyInstance {
  const server = fastify({ bodyLimit: 1024, requestTimeout: REQUEST_WITHIN_MS });
  const assets = loadAssets();
  const states = new Map<string, { readonly choice: Choice; readonly until: number }>();

  assets.register(server);
  server.addHook("onRequest", async (request) => {
    if (request.url.startsWith(assets.path) || request.url === "/healthz") return;
    if (!maySetUp(originOf(request), deps.consoleToken)) throw stranger();
  });
  server.setErrorHandler((thrown, _request, reply) => {
    const { status, message, hint, code } = toAppError(thrown);
    if (code === "internal") deps.log.error({ err: thrown }, "the set-up failed");
    const page = deps.render.errorPage({ assets: assets.path, status, message, hint });
    return reply.code(status).headers(setupHeaders(null)).type("text/html; charset=utf-8").send(page);
  });
  server.setNotFoundHandler((_request, reply) => reply.redirect("/setup", 303));
  server.get("/healthz", () => ({ status: "waiting for its set-up" }));
  server.get("/setup", async (request, reply) => {
    const query = Query.parse(request.query);
    const browserUrl = browserUrlOf(request);
    const choice = readChoice({ ...(isOwnForm(request) ? query : {}), ...deps.fixed }, browserUrl);
    const state = keepState(choice);
    const owner =
      choice.organization === "" ? "" : `/organizations/${encodeURIComponent(choice.organization)}`;
    const { token } = query;
    if (token !== undefined) {
      reply.header(
        "set-cookie",
        `${TOKEN_COOKIE}=${encodeURIComponent(token)}; Path=/setup; HttpOnly; SameSite=Lax`,
      );
    }
    return reply
      .headers(setupHeaders(choice.webUrl))
      .type("text/html; charset=utf-8")
      .send(
        deps.render.setupPage({
          assets: assets.path,
          action: `${choice.webUrl}${owner}/settings/apps/new?state=${state}`,
          manifest: manifestOf({
            publicUrl: choice.publicUrl,
            browserUrl,
            mark: randomBytes(MARK_BYTES).toString("hex"),
          }),
          isReachable:
            !/^https?:\/\/(?:localhost|127\.|\[::1\])/u.test(choice.publicUrl) ||
            deps.fixed.webUrl !== undefined,
          isFixed: deps.fixed.publicUrl !== undefined,
          ...choice,
        }),
      );
  });
  server.get(CREATED_PATH, async (request, reply) => {
    const parsed = Created.safeParse(request.query);
    const kept = parsed.success ? takeState(parsed.data.state) : null;
    if (!parsed.success || kept === null) throw unknownState();
    const app = await convertManifest(kept.apiUrl, parsed.data.code);
    deps.save(app, kept);
    deps.log.info({ app: app.slug, owner: app.owner }, "the App was made on GitHub");
    reply.raw.once("close", deps.onDone);
    return reply.redirect(`${app.url}/installations/new`, 303);
  });
  return server;

  function keepState(choice: Choice): string {
    const now = deps.now();
    for (const [known, { until }] of states)
      if (until < now || states.size >= STATES_MAX) states.delete(known);
    const state = randomBytes(STATE_BYTES).toString("base64url");
    states.set(state, { choice, until: now + STATE_MS });
    return state;
  }

  function takeState(state: string): Choice | null {
    const kept = states.get(state);
    states.delete(state);
    return kept !== undefined && kept.until >= deps.now() ? kept.choice : null;
  }
}

function originOf(request: FastifyRequest): Parameters<typeof maySetUp>[0] {
  const { headers } = request;
  const cookies = (headers.cookie ?? "").split(/;\s*/u);
  const kept = cookies.find((one) => one.startsWith(`${TOKEN_COOKIE}=`))?.slice(TOKEN_COOKIE.length + 1);
  const query = Query.safeParse(request.query);
  return {
    remoteAddress: request.socket.remoteAddress ?? "",
    host: headers.host ?? "",
    proxied: ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"].some(
      (name) => name in headers,
    ),
    token: query.data?.["token"] ?? kept ?? null,
  };
}

/**
 * Whether the fields are of our own form, or typed: a link on somebody's page may lead here, but not say which GitHub makes the App (browsers name
 * where they come from: Fetch Metadata, `Sec-Fetch-Site`).
 */
function isOwnForm({ headers }: FastifyRequest): boolean {
  const from = headers["sec-fetch-site"];
  return from === undefined || from === "same-origin" || from === "none";
}

/** The address in the browser's own address bar, of which only the scheme is a guess. */
function browserUrlOf({ headers }: FastifyRequest): string {
  const scheme = headers["x-forwarded-proto"] === "https" ? "https" : "http";
  const url = URL.parse(`${scheme}://${headers.host ?? ""}`);
  if (url === null) throw stranger();
  return url.origin;
}

function stranger(): AppError {
  return new AppError(
    "not_allowed",
    "Only who sits at this server may set it up.",
    "Open the address that the console shows; it carries a token.",
  );
}

function unknownState(): AppError {
  return new AppError(
    "bad_request",
    "This set-up was not begun here, or it was finished or left alone for an hour.",
    "Begin again at /setup.",
  );
}
