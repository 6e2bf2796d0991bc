import { createHash } from "node:crypto";
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Clock } from "../clock.ts";
import { AppError } from "../errors.ts";
import type { Person } from "../github/log-in.ts";
import type { Ids } from "../ids.ts";
import type { Session, Sessions } from "../store/sessions.ts";
import { LOG_IN_COOKIE, readCookie, SESSION_COOKIE, setCookie } from "./cookies.ts";
import { isOwnForm } from "./csrf.ts";
import { returnPath, rootOf } from "./return-to.ts";
import { seal, unseal } from "./sealed.ts";

/** A working day: who has gone home logs in again. */
const SESSION_MS = 12 * 3_600_000;
/** GitHub's codes live for ten minutes. */
const TRIP_MS = 10 * 60_000;
const TOKEN_BYTES = 32;
/** Log-ins that wait for GitHub at once. Anybody may begin one: more than these are no people, and GitHub's patience is for all of us. */
const ASKED_AT_ONCE = 50;

export const LOG_IN_PATH = "/login";
/** As the set-up registers it with GitHub. */
export const CALLBACK_PATH = "/login/callback";

const Begin = z.object({ to: z.string().optional() });
const Back = z.object({ code: z.string().min(1).max(200), state: z.string().min(1).max(200) });
const Form = z.object({ csrf: z.string().max(200) });

export type LoginDeps = {
  readonly sessions: Sessions;
  readonly clock: Pick<Clock, "now">;
  readonly ids: Pick<Ids, "token">;
  /** Signs log-ins on their way. */
  readonly key: Buffer;
  readonly clientId: string;
  readonly webUrl: string;
  readonly publicUrl: string;
  readonly whoIs: (grant: {
    readonly code: string;
    readonly verifier: string;
    readonly redirectUri: string;
  }) => Promise<Person>;
};

/** Log-in by GitHub's web flow with PKCE and a state bound to this browser, and log-out. A log-in always makes a new session. */
export function loginRoutes(deps: LoginDeps): FastifyPluginCallback {
  const root = rootOf(deps.publicUrl);
  const redirectUri = `${deps.publicUrl.replace(/\/$/u, "")}${CALLBACK_PATH}`;

  let asked = 0;

  return (server, _options, done) => {
    server.get(LOG_IN_PATH, { logLevel: "warn" }, async (request, reply) => {
      const query = Begin.safeParse(request.query);
      const trip = {
        state: deps.ids.token(TOKEN_BYTES),
        verifier: deps.ids.token(TOKEN_BYTES),
        returnTo: returnPath(query.data?.to),
        until: deps.clock.now() + TRIP_MS,
      };
      const to = new URL(`${deps.webUrl.replace(/\/$/u, "")}/login/oauth/authorize`);
      to.search = new URLSearchParams({
        client_id: deps.clientId,
        redirect_uri: redirectUri,
        state: trip.state,
        code_challenge: createHash("sha256").update(trip.verifier).digest("base64url"),
        code_challenge_method: "S256",
      }).toString();
      return uncached(reply)
        .header("set-cookie", setCookie(LOG_IN_COOKIE, seal(deps.key, trip), TRIP_MS))
        .redirect(to.href, 303);
    });

    server.get(CALLBACK_PATH, { logLevel: "warn" }, async (request, reply) => {
      const kept = readCookie(request.headers.cookie, LOG_IN_COOKIE);
      const trip = kept === null ? null : unseal(deps.key, kept, deps.clock.now());
      const back = Back.safeParse(request.query);
      if (trip === null || !back.success || back.data.state !== trip.state) throw strayed();
      if (asked >= ASKED_AT_ONCE) throw tooMany();
      asked += 1;
      const person = await deps
        .whoIs({ code: back.data.code, verifier: trip.verifier, redirectUri })
        .finally(() => (asked -= 1));
      const before = readCookie(request.headers.cookie, SESSION_COOKIE);
      if (before !== null) await deps.sessions.end(before);
      const token = deps.ids.token(TOKEN_BYTES);
      const expiresAt = deps.clock.now() + SESSION_MS;
      await deps.sessions.put(token, { userId: person.id, login: person.login, expiresAt });
      return uncached(reply)
        .header("set-cookie", [setCookie(SESSION_COOKIE, token, SESSION_MS), setCookie(LOG_IN_COOKIE, "", 0)])
        .redirect(`${root}${trip.returnTo}`, 303);
    });

    server.post("/logout", { logLevel: "warn" }, async (request, reply) => {
      const found = await sessionOf(deps, request);
      const form = Form.safeParse(request.body);
      if (found !== null) {
        if (!isOwnForm(found.token, form.data?.csrf, request.headers, deps.publicUrl)) throw foreignForm();
        await deps.sessions.end(found.token);
      }
      return uncached(reply)
        .header("set-cookie", setCookie(SESSION_COOKIE, "", 0))
        .redirect(`${root}/`, 303);
    });
    done();
  };
}

/** Who is logged in in this request's browser, with the cookie's token; null when nobody is. */
export async function sessionOf(
  deps: Pick<LoginDeps, "sessions" | "clock">,
  request: FastifyRequest,
): Promise<{ readonly token: string; readonly session: Session } | null> {
  const token = readCookie(request.headers.cookie, SESSION_COOKIE);
  if (token === null) return null;
  const session = await deps.sessions.get(token, deps.clock.now());
  return session === null ? null : { token, session };
}

/** A form that none of our pages sent in this session. */
export function foreignForm(): AppError {
  return new AppError(
    "not_allowed",
    "This form did not come from one of our pages.",
    "Reload the page and try again.",
  );
}

function strayed(): AppError {
  return new AppError(
    "bad_request",
    "This log-in was not begun in this browser, or more than ten minutes ago.",
    "Log in again.",
  );
}

function tooMany(): AppError {
  return new AppError("busy", "Too many people log in at once.", "Log in again in a moment.");
}

function uncached(reply: FastifyReply): FastifyReply {
  return reply.headers({ "cache-control": "no-store", "referrer-policy": "no-referrer" });
}
