import { Octokit } from "@octokit/rest";
import { z } from "zod";
import { AppError } from "../errors.ts";

const WITHIN_MS = 15_000;

/** GitHub answers failures of this route with 200 and an `error`. */
const answerSchema = z.union([
  z.object({ access_token: z.string().min(1) }).transform(({ access_token: token }) => ({ token })),
  z.object({ error: z.string() }),
]);
const userSchema = z.object({ id: z.number().int().positive(), login: z.string().min(1), type: z.string() });

export type LogInSettings = {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webUrl: string;
  readonly apiUrl: string;
};

/** Who GitHub says that somebody is. */
export type Person = { readonly id: number; readonly login: string };

/**
 * Exchanges the code of the web flow for the person behind it (docs "Generating a user access token for a GitHub App"), then makes the token
 * worthless: nothing else is asked in the person's name. `not_allowed` when GitHub does not take the code, `github_failed` when it cannot be asked.
 */
export async function whoIs(
  settings: LogInSettings,
  grant: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<Person> {
  const quiet = () => {};
  const octokit = new Octokit({
    baseUrl: settings.apiUrl,
    userAgent: "crabbox-app",
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
  const token = await exchange(octokit, settings, grant);
  try {
    const { data } = await sent(() =>
      octokit.request("GET /user", {
        headers: { authorization: `token ${token}` },
        request: { signal: AbortSignal.timeout(WITHIN_MS) },
      }),
    );
    const person = userSchema.safeParse(data);
    if (person.success && person.data.type === "User") return person.data;
    throw refused();
  } finally {
    await forget(octokit, settings, token);
  }
}

async function exchange(
  octokit: Octokit,
  settings: LogInSettings,
  grant: { readonly code: string; readonly verifier: string; readonly redirectUri: string },
): Promise<string> {
  const { data } = await sent(() =>
    octokit.request({
      method: "POST",
      url: `${settings.webUrl}/login/oauth/access_token`,
      headers: { accept: "application/json" },
      request: { signal: AbortSignal.timeout(WITHIN_MS) },
      client_id: settings.clientId,
      client_secret: settings.clientSecret,
      code: grant.code,
      code_verifier: grant.verifier,
      redirect_uri: grant.redirectUri,
    }),
  );
  const answer = answerSchema.safeParse(data);
  if (answer.success && "token" in answer.data) return answer.data.token;
  throw refused();
}

/** A token that could not be ended ends by itself within hours; the log-in is good all the same. */
async function forget(octokit: Octokit, settings: LogInSettings, token: string): Promise<void> {
  const basic = Buffer.from(`${settings.clientId}:${settings.clientSecret}`).toString("base64");
  await octokit
    .request("DELETE /applications/{client_id}/token", {
      client_id: settings.clientId,
      access_token: token,
      headers: { authorization: `Basic ${basic}` },
      request: { signal: AbortSignal.timeout(WITHIN_MS) },
    })
    .catch(() => undefined);
}

async function sent<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    const status = thrown instanceof Error && "status" in thrown ? Number(thrown.status) : 0;
    // The cause would carry the request, and with it code or token.
    if (status === 400 || status === 401 || status === 403 || status === 404) throw refused();
    throw new AppError("github_failed", "GitHub could not be asked who you are.", "Try again in a moment.");
  }
}

function refused(): AppError {
  return new AppError("not_allowed", "GitHub did not confirm this log-in.", "Log in again.");
}
