import type { IncomingMessage } from "node:http";
import type { Answer } from "../api/answer.ts";
import type { Reply } from "../api/router.ts";
import { readBody } from "../http/body.ts";
import { Failure, failureBody } from "../http/failure.ts";
import { sameText } from "../tokens.ts";
import type { World } from "../world.ts";
import { meets, takeCode } from "./codes.ts";
import { grant, issueUserToken, refreshUserToken } from "./user-tokens.ts";

/** The address where a code becomes a token. */
export const ACCESS_TOKEN_PATH = "/login/oauth/access_token";

const BODY_LIMIT_BYTES = 64 * 1024;
/** GitHub says what is wrong with status 200 (docs: "Troubleshooting OAuth app access token request errors"). */
const WORDS: Record<string, string> = {
  incorrect_client_credentials: "The client_id and/or client_secret passed are incorrect.",
  redirect_uri_mismatch: "The redirect_uri MUST match the registered callback URL for this application.",
  bad_verification_code: "The code passed is incorrect or expired.",
  bad_refresh_token: "The refresh token passed is incorrect or expired.",
  unsupported_grant_type: "The offline GitHub knows authorization_code and refresh_token.",
};

/** Answers POST /login/oauth/access_token: a code (once, with its PKCE verifier) or a refresh token becomes a user token. */
export async function answerAccessToken(
  world: World,
  request: IncomingMessage,
  query: URLSearchParams,
): Promise<Answer> {
  const route = `${request.method} ${ACCESS_TOKEN_PATH}`;
  try {
    const fields = await fieldsOf(request, query);
    const body = exchange(world, fields);
    return { reply: inFormat(request, body), route, installationId: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { reply: { status: error.status, json: failureBody(error) }, route, installationId: null };
  }
}

function exchange(world: World, fields: URLSearchParams): Record<string, string | number> {
  const app = [...world.tables.apps.all()].find((row) => row.clientId === fields.get("client_id"));
  if (app === undefined) throw new Failure(404, "Not Found");
  if (!sameText(fields.get("client_secret") ?? "", app.clientSecret))
    return refused("incorrect_client_credentials");
  const kind = fields.get("grant_type") ?? "authorization_code";
  if (kind === "refresh_token")
    return refreshUserToken(world, app, fields.get("refresh_token") ?? "") ?? refused("bad_refresh_token");
  if (kind !== "authorization_code") return refused("unsupported_grant_type");
  const code = takeCode(world, app, fields.get("code") ?? "");
  if (code === null || !meets(code, fields.get("code_verifier"))) return refused("bad_verification_code");
  const redirectUri = fields.get("redirect_uri");
  if (redirectUri !== null && redirectUri !== code.redirectUri) return refused("redirect_uri_mismatch");
  grant(world, app, code.userId);
  return issueUserToken(world, app, code.userId);
}

function refused(error: string): Record<string, string> {
  const anchor = error.replaceAll("_", "-");
  return {
    error,
    error_description: WORDS[error] ?? error,
    error_uri: `https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#${anchor}`,
  };
}

/** A form, JSON, or the query: GitHub takes all three. */
async function fieldsOf(request: IncomingMessage, query: URLSearchParams): Promise<URLSearchParams> {
  const text = (await readBody(request, BODY_LIMIT_BYTES)).toString();
  if (text === "") return query;
  if (!(request.headers["content-type"] ?? "").includes("json")) return new URLSearchParams(text);
  try {
    const pairs = Object.entries(JSON.parse(text) as Record<string, unknown>);
    return new URLSearchParams(pairs.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
  } catch {
    throw new Failure(400, "Problems parsing JSON");
  }
}

/** JSON when it is asked for; else a form, which surprises many. */
function inFormat(request: IncomingMessage, body: Record<string, string | number>): Reply {
  if ((request.headers.accept ?? "").includes("json")) return { status: 200, json: body };
  const pairs = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)]);
  const bytes = Buffer.from(new URLSearchParams(pairs).toString());
  return { status: 200, raw: { type: "application/x-www-form-urlencoded; charset=utf-8", bytes } };
}
